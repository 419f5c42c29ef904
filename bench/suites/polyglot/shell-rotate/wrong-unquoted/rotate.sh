#!/usr/bin/env bash
# Copies FILE to FILE.1, moving FILE.1 to FILE.2 and so on; keeps the given number.
set -euo pipefail

file=$1
keep=${2:-3}
if [ ! -f "$file" ]; then
  echo "no such file: $file" >&2
  exit 1
fi
rm -f -- $file.$keep
for ((n = keep - 1; n >= 1; n--)); do
  if [ -f "$file.$n" ]; then
    mv -- "$file.$n" "$file.$((n + 1))"
  fi
done
cp -- $file $file.1
