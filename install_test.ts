/** Runs `install.sh` as a user would, against a local file server and a folder. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("install.sh", import.meta.url));
const PROGRAM = "#!/bin/sh\necho 0.1.0\n";
const NAMES = ["linux", "macos"].flatMap((system) =>
  ["x64", "arm64"].map((arch) => `smallcode-${system}-${arch}`)
);
const ignore = process.platform === "win32";

/** A release as it is published, and an empty home to install into. */
interface Release extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly bin: string;
}

Deno.test(
  { name: "install.sh installs from a file server, is idempotent, and uninstalls", ignore },
  async () => {
    await using release = await openRelease(PROGRAM, PROGRAM);
    const asked: string[] = [];
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      const name = new URL(request.url).pathname.slice(1);
      asked.push(name.replace(/^smallcode-.*/, "program"));
      return new Response(await readFile(join(release.folder, name)));
    });
    try {
      const url = `http://127.0.0.1:${server.addr.port}`;
      const program = join(release.bin, "smallcode");
      const first = await install(release, url);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /^Installed .*\/\.local\/bin\/smallcode\n/);
      assert.deepEqual([await readFile(program, "utf8"), (await stat(program)).mode & 0o777], [
        PROGRAM,
        0o755,
      ]);

      const second = await install(release, `${url}/`);
      assert.deepEqual(second, {
        code: 0,
        stdout: `SmallCode is installed already and up to date: ${program}\n`,
        stderr: "",
      });
      assert.deepEqual(asked, ["SHA256SUMS", "program", "SHA256SUMS"]);
      assert.deepEqual(await readdir(release.bin), ["smallcode"]);

      assert.equal((await install(release, url, "--uninstall")).code, 0);
      assert.deepEqual(await readdir(release.bin), []);
      assert.match((await install(release, url, "--uninstall")).stdout, /^Nothing to remove/);
    } finally {
      await server.shutdown();
    }
  },
);

Deno.test({ name: "install.sh installs from a folder", ignore }, async () => {
  await using release = await openRelease(PROGRAM, PROGRAM);
  const { code, stderr } = await install(release, `file://${release.folder}`);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.equal(await readFile(join(release.bin, "smallcode"), "utf8"), PROGRAM);
});

Deno.test(
  { name: "install.sh refuses a program with another checksum and keeps the old one", ignore },
  async () => {
    await using release = await openRelease("#!/bin/sh\necho evil\n", PROGRAM);
    await mkdir(release.bin, { recursive: true });
    await writeFile(join(release.bin, "smallcode"), "old");
    const { code, stderr } = await install(release, `file://${release.folder}`);
    assert.equal(code, 1);
    assert.match(stderr, /checksum mismatch, nothing was installed/);
    assert.deepEqual(await readdir(release.bin), ["smallcode"]);
    assert.equal(await readFile(join(release.bin, "smallcode"), "utf8"), "old");
  },
);

Deno.test({ name: "install.sh says what is missing in a release", ignore }, async () => {
  await using release = await openRelease(PROGRAM, PROGRAM);
  await writeFile(join(release.folder, "SHA256SUMS"), "");
  const unlisted = await install(release, `file://${release.folder}`);
  await rm(join(release.folder, "SHA256SUMS"));
  const missing = await install(release, `file://${release.folder}`);
  const unknown = await install(release, `file://${release.folder}`, "--frob");
  assert.deepEqual([unlisted.code, missing.code, unknown.code], [1, 1, 1]);
  assert.match(unlisted.stderr, /SHA256SUMS of file:.* names no smallcode-/);
  assert.match(missing.stderr, /cannot get file:.*\/SHA256SUMS/);
  assert.match(unknown.stderr, /unknown option "--frob"/);
  assert.deepEqual(await readdir(release.bin), []);
});

async function openRelease(program: string, listed: string): Promise<Release> {
  const root = await mkdtemp(join(tmpdir(), "smallcode install ")); // with a space: paths must be quoted
  const [folder, home] = [join(root, "release"), join(root, "home")];
  for (const path of [folder, home]) await mkdir(path);
  for (const name of NAMES) await writeFile(join(folder, name), program);
  const sum = createHash("sha256").update(listed).digest("hex");
  await writeFile(join(folder, "SHA256SUMS"), NAMES.map((name) => `${sum}  ${name}\n`).join(""));
  return {
    folder,
    home,
    bin: join(home, ".local", "bin"),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function install(release: Release, url: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: [SCRIPT, ...args],
    env: { HOME: release.home, SMALLCODE_RELEASE_URL: url, SMALLCODE_BIN_DIR: "" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
