import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { tempWorkspace } from "./_temp_workspace.ts";
import { copyWorkspace, removeCopy, sweepCopies } from "./scratch.ts";

const NEVER = new AbortController().signal;

Deno.test("copyWorkspace() copies files as they stand, links packages, and leaves out what tools make", async () => {
  await using space = await tempWorkspace({
    "a.py": "one\n",
    "src/b.js": "two\n",
    ".gitignore": "ignored.txt\n",
    "ignored.txt": "kept, for a test may need it\n",
    ".git/config": "",
    "__pycache__/a.pyc": "",
    "node_modules/left-pad/index.js": "",
    "node_modules/@scope/part/index.js": "",
    "node_modules/.cache/x": "",
    ".venv/pyvenv.cfg": "",
    "Cargo.toml": "",
    "target/debug/x": "",
    "docs/target/kept.md": "",
  });
  const { root } = space.files;
  await symlink("../a.py", join(root, "src/inside"));
  await symlink(join(root, "a.py"), join(root, "absolute"));
  await symlink("/etc/hostname", join(root, "outside"));
  const copy = await copyWorkspace(root, NEVER);
  assert.ok(copy);
  try {
    assert.deepEqual(
      (await readdir(copy, { recursive: true })).filter((path) => !/^(?:docs|src)$/.test(path)).sort(),
      [
        ...[
          ".gitignore",
          ".venv",
          "Cargo.toml",
          "a.py",
          "absolute",
          "docs/target",
          "docs/target/kept.md",
          "ignored.txt",
        ],
        ...[
          "node_modules",
          "node_modules/@scope",
          "node_modules/@scope/part",
          "node_modules/left-pad",
          "outside",
        ],
        ...["src/b.js", "src/inside"],
      ],
    );
    assert.equal(await readFile(join(copy, "a.py"), "utf8"), "one\n");
    const links = ["absolute", "src/inside", "outside", "node_modules/left-pad", ".venv"];
    assert.deepEqual(await Promise.all(links.map((path) => readlink(join(copy, path)))), [
      join(copy, "a.py"),
      join(copy, "a.py"),
      "/etc/hostname",
      join(root, "node_modules/left-pad"),
      join(root, ".venv"),
    ]);
    // What a check writes beside the packages stays in the copy.
    await mkdir(join(copy, "node_modules/.cache"));
    await writeFile(join(copy, "node_modules/.cache/y"), "");
    assert.deepEqual(await readdir(join(root, "node_modules/.cache")), ["x"]);
  } finally {
    await removeCopy(copy);
  }
  assert.deepEqual(await readdir(copy).catch((error) => error.code), "ENOENT");
  assert.equal(await readFile(join(root, "a.py"), "utf8"), "one\n");
});

Deno.test("copyWorkspace() leaves nothing behind when it is aborted", async () => {
  await using space = await tempWorkspace({ "a.py": "" });
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith("smallcode-copy-"));
  await assert.rejects(
    copyWorkspace(space.files.root, AbortSignal.abort(new DOMException("x", "AbortError"))),
  );
  const after = (await readdir(tmpdir())).filter((name) => name.startsWith("smallcode-copy-"));
  assert.deepEqual(after.filter((name) => !before.includes(name)), []);
});

Deno.test("sweepCopies() removes the copies of programs that are gone, and no others", async () => {
  const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
  const gone = spawnSync("true").pid;
  const folder = (name: string) => join(tmpdir(), `smallcode-copy-${name}`);
  const [dead, alive, elsewhere] = [
    folder(`${machine}-${gone}-sweep`),
    folder(`${machine}-${Deno.pid}-sweep`),
    folder(`00000000-${gone}-sweep`),
  ];
  for (const path of [dead, alive, elsewhere]) await mkdir(join(path, "x"), { recursive: true });
  await sweepCopies();
  const there = await Promise.all(
    [dead, alive, elsewhere].map((path) => readdir(path).then(() => true, () => false)),
  );
  await removeCopy(alive);
  await removeCopy(elsewhere);
  assert.deepEqual(there, [false, true, true]);
});
