#!/bin/sh
# Installs SmallCode: one file, no Node, no root.
#
#   curl -fsSL https://raw.githubusercontent.com/smallcode/smallcode/main/install.sh | sh
#   sh install.sh                  download, check SHA-256, install to ~/.local/bin
#   sh install.sh --from-source    build from this checkout (needs Deno) and install
#   sh install.sh --uninstall      remove the program; sessions and configuration stay
#
# SMALLCODE_RELEASE_URL  where the files lie (https://, http:// or file://); default: the newest release
# SMALLCODE_BIN_DIR      where to install; default: ~/.local/bin
set -eu

release=${SMALLCODE_RELEASE_URL:-https://github.com/smallcode/smallcode/releases/latest/download}
release=${release%/}
bin=${SMALLCODE_BIN_DIR:-$HOME/.local/bin}
work=

main() {
  case "${1:-}" in
    "") install_release ;;
    --from-source) install_source ;;
    --uninstall) uninstall ;;
    *) die "unknown option \"$1\"; known: --from-source, --uninstall" ;;
  esac
}

die() {
  echo "install.sh: $*" >&2
  exit 1
}

platform() {
  case "$(uname -s)" in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    *) die "no release for $(uname -s); on Windows use install.ps1" ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) machine=x64 ;;
    arm64 | aarch64) machine=arm64 ;;
    *) die "no release for $(uname -m); with Deno, a checkout can be run: deno task start" ;;
  esac
  echo "$system-$machine"
}

# fetch NAME FILE
fetch() {
  case "$release" in
    file://*) cp "${release#file://}/$1" "$2" ;;
    *)
      if command -v curl >/dev/null 2>&1; then
        curl -fsSL --retry 3 -o "$2" "$release/$1"
      elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$2" "$release/$1"
      else
        die "needs curl or wget to download"
      fi
      ;;
  esac || die "cannot get $release/$1"
}

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1"
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1"
  elif command -v openssl >/dev/null 2>&1; then
    openssl dgst -sha256 -r "$1"
  else
    die "needs sha256sum, shasum or openssl to check the download"
  fi | cut -d ' ' -f 1
}

# Prints the checksum of NAME in the list FILE; lines are "sum  name" or "sum *name".
listed_sum() {
  while read -r sum name; do
    if [ "${name#\*}" = "$1" ]; then
      echo "$sum"
      return
    fi
  done <"$2"
}

install_release() {
  name=smallcode-$(platform)
  # Beside the target, so that the last step is a rename: a program is never half there.
  make_work
  fetch SHA256SUMS "$work/SHA256SUMS"
  want=$(listed_sum "$name" "$work/SHA256SUMS")
  [ -n "$want" ] || die "SHA256SUMS of $release names no $name"
  if [ -f "$bin/smallcode" ] && [ "$(sha256 "$bin/smallcode")" = "$want" ]; then
    echo "SmallCode is installed already and up to date: $bin/smallcode"
    return
  fi
  fetch "$name" "$work/smallcode"
  got=$(sha256 "$work/smallcode")
  [ "$got" = "$want" ] || die "checksum mismatch, nothing was installed: $name is $got, SHA256SUMS says $want"
  put "$work/smallcode"
}

install_source() {
  here=$(cd "$(dirname "$0")" && pwd)
  [ -f "$here/.ci/compile.ts" ] || die "--from-source must be started from a checkout"
  command -v deno >/dev/null 2>&1 || die "--from-source needs Deno: npm install -g deno, or https://deno.com"
  make_work
  (cd "$here" && deno task compile --output "$work/smallcode") || die "the build failed"
  put "$work/smallcode"
}

make_work() {
  mkdir -p "$bin" || die "cannot make $bin"
  work=$(mktemp -d "$bin/.smallcode-install-XXXXXX") || die "cannot write to $bin"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM HUP
}

put() {
  chmod 755 "$1"
  mv -f "$1" "$bin/smallcode"
  echo "Installed $bin/smallcode"
  case ":$PATH:" in
    *":$bin:"*) echo "Try: smallcode demo" ;;
    *) echo "$bin is not in PATH. Add this line to your shell's profile: export PATH=\"$bin:\$PATH\"" ;;
  esac
}

uninstall() {
  if [ -e "$bin/smallcode" ]; then
    rm -f "$bin/smallcode"
    echo "Removed $bin/smallcode. Configuration (~/.config/smallcode) and sessions were kept."
  else
    echo "Nothing to remove: there is no $bin/smallcode"
  fi
}

main "$@"
