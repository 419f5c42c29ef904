import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DiskFullError, ToolError } from "../errors.ts";
import { tempWorkspace } from "./_temp_workspace.ts";
import { hashOf } from "../store/journal.ts";
import { openWorkspace } from "./workspace.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const never = new AbortController().signal;
const unlessRoot = process.getuid?.() === 0;

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => undefined, (error) => error);
  assert.ok(error instanceof ToolError, `expected a ToolError, got ${error}`);
  return error.message;
}

async function paths(walk: AsyncIterable<{ path: string; kind: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of walk) found.push(`${entry.path}${entry.kind === "folder" ? "/" : ""}`);
  return found;
}

Deno.test("read() gives the text with its own line endings and no BOM", async () => {
  await using space = await tempWorkspace({ "a.txt": "\uFEFFone\r\ntwo" });
  const raw = bytes("\uFEFFone\r\ntwo");
  assert.deepEqual(await space.files.read("./a.txt"), {
    path: "a.txt",
    text: "one\r\ntwo",
    hasBom: true,
    hash: hashOf(raw),
    bytes: raw.length,
  });
});

Deno.test("read() refuses every way out of the workspace", async () => {
  await using outside = await tempWorkspace({ "secret.txt": "s" });
  await using space = await tempWorkspace({ "a.txt": "a", "src/b.txt": "b" });
  await symlink(join(outside.root, "secret.txt"), join(space.root, "link.txt"));
  await symlink(outside.root, join(space.root, "folder"));
  await symlink(join(outside.root, "new.txt"), join(space.root, "dangling.txt"));
  await symlink("../folder/secret.txt", join(space.root, "src/twice.txt"));
  const ways = [
    join(outside.root, "secret.txt"),
    "../" + outside.root.split("/").at(-1) + "/secret.txt",
    "src/../../../etc/passwd",
    "/etc/passwd",
    "link.txt",
    "folder/secret.txt",
    "folder/new/deep.txt",
    "dangling.txt",
    "src/twice.txt",
    `${space.root}-beside/a.txt`,
  ];
  for (const way of ways) {
    assert.match(await messageOf(space.files.read(way)), /leads outside the workspace/, way);
    assert.match(await messageOf(space.files.write(way, "x", null)), /leads outside the workspace/, way);
    assert.match(await messageOf(space.files.relative(way)), /leads outside the workspace/, way);
  }
  assert.deepEqual(await readdir(outside.root), ["secret.txt"]);
});

Deno.test("read() names the inside path that an absolute one meant", async () => {
  await using space = await tempWorkspace({ "src/b.txt": "b" });
  assert.equal(
    await messageOf(space.files.read("/src/b.txt")),
    'Cannot use path "/src/b.txt": it leads outside the workspace; use "src/b.txt"',
  );
  assert.equal((await space.files.read(join(space.root, "src/b.txt"))).path, "src/b.txt");
});

Deno.test("read() explains paths that no system takes", async () => {
  await using space = await tempWorkspace({});
  assert.match(await messageOf(space.files.read("a\0b")), /holds a NUL character/);
  assert.match(await messageOf(space.files.read("  ")), /it is empty/);
  assert.match(await messageOf(space.files.read("a".repeat(256))), /longer than 255 bytes/);
  assert.match(await messageOf(space.files.read("a/".repeat(3000))), /longer than 4096 bytes/);
  await symlink("b", join(space.root, "a"));
  await symlink("a", join(space.root, "b"));
  assert.match(await messageOf(space.files.read("a")), /lead in a circle/);
});

Deno.test("read() suggests near names for a missing file, here and elsewhere", async () => {
  await using space = await tempWorkspace({
    "src/parser.ts": "",
    "src/printer.ts": "",
    "lib/deep/util.ts": "",
  });
  assert.equal(
    await messageOf(space.files.read("src/praser.ts")),
    'Cannot read "src/praser.ts": no such file; did you mean "src/parser.ts"?',
  );
  assert.equal(
    await messageOf(space.files.read("util.ts")),
    'Cannot read "util.ts": no such file; did you mean "lib/deep/util.ts"?',
  );
  assert.match(await messageOf(space.files.read("zzzzzz.md")), /call list_files/);
});

Deno.test("read() refuses what is not UTF-8 text in a regular file", async () => {
  await using space = await tempWorkspace({
    "a.bin": new Uint8Array([1, 0, 2]),
    "latin.txt": new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
    "wide.txt": new Uint8Array([0xff, 0xfe, 0x61, 0]),
    "folder/x": "",
  });
  assert.match(await messageOf(space.files.read("a.bin")), /binary file of 3 bytes/);
  assert.match(await messageOf(space.files.read("latin.txt")), /not UTF-8/);
  assert.match(await messageOf(space.files.read("wide.txt")), /UTF-16/);
  assert.match(await messageOf(space.files.read("folder")), /folder; call list_files/);
  assert.match(await messageOf(space.files.read("latin.txt/x")), /no such file/);
});

Deno.test("read() refuses more than 64 MB and takes a single line of 50 MB", async () => {
  await using space = await tempWorkspace({ "line.txt": new Uint8Array(50_000_000).fill(97) });
  assert.equal((await space.files.read("line.txt")).text.length, 50_000_000);
  await writeFile(join(space.root, "big.txt"), new Uint8Array(64 * 1024 * 1024 + 1).fill(97));
  assert.match(await messageOf(space.files.read("big.txt")), /67 MB, more than 64 MB/);
});

Deno.test("write() creates, then edits only what it expects", async () => {
  await using space = await tempWorkspace({});
  const created = await space.files.write("new/deep/a.txt", "one\ntwo\n", null);
  const { hash: after } = await space.files.read("new/deep/a.txt");
  assert.deepEqual(created, {
    path: "new/deep/a.txt",
    kind: "created",
    linesAdded: 2,
    linesRemoved: 0,
    by: "tool",
    hashes: { before: null, after },
  });
  const { hash } = await space.files.read("new/deep/a.txt");
  assert.match(await messageOf(space.files.write("new/deep/a.txt", "x", null)), /exists already/);
  await writeFile(join(space.root, "new/deep/a.txt"), "one\nother\n");
  assert.match(await messageOf(space.files.write("new/deep/a.txt", "x", hash)), /changed on disk/);
  assert.match(await messageOf(space.files.write("gone.txt", "x", hash)), /was deleted/);
  const now = await space.files.read("new/deep/a.txt");
  const edited = await space.files.write("new/deep/a.txt", "one\n2\n3\n", now.hash);
  const then = await space.files.read("new/deep/a.txt");
  assert.deepEqual(edited, {
    path: "new/deep/a.txt",
    kind: "edited",
    linesAdded: 2,
    linesRemoved: 1,
    by: "tool",
    hashes: { before: now.hash, after: then.hash },
  });
  assert.deepEqual(space.entries, [
    { path: "new/deep/a.txt", before: null, after: bytes("one\ntwo\n"), made: "new" },
    {
      path: "new/deep/a.txt",
      before: bytes("one\nother\n"),
      after: bytes("one\n2\n3\n"),
      mode: (await stat(join(space.root, "new/deep/a.txt"))).mode & 0o7777,
    },
  ]);
  assert.deepEqual(await readdir(join(space.root, "new/deep")), ["a.txt"]);
});

Deno.test("write() keeps BOM, mode and symlink", async () => {
  await using space = await tempWorkspace({ "run.sh": "\uFEFFold\r\n" });
  await chmod(join(space.root, "run.sh"), 0o755);
  await symlink("run.sh", join(space.root, "link.sh"));
  const { hash } = await space.files.read("link.sh");
  const change = await space.files.write("link.sh", "new\r\n", hash);
  assert.equal(change.path, "run.sh");
  assert.equal(await readFile(join(space.root, "run.sh"), "utf8"), "\uFEFFnew\r\n");
  assert.equal((await stat(join(space.root, "run.sh"))).mode & 0o777, 0o755);
  assert.ok((await lstat(join(space.root, "link.sh"))).isSymbolicLink());
});

Deno.test("write() gives a Python file another second than it had, so that no .pyc of it is taken for the new one's", async () => {
  await using space = await tempWorkspace({ "a.py": "a = 1\n", "a.txt": "a = 1\n" });
  const soon = Math.floor(Date.now() / 1000) + 60;
  const secondOf = async (name: string) => {
    const { hash } = await space.files.read(name);
    await utimes(join(space.root, name), soon, soon);
    await space.files.write(name, "a = 2\n", hash);
    return (await stat(join(space.root, name))).mtimeMs / 1000;
  };
  assert.equal(await secondOf("a.py"), soon + 1);
  assert.ok(await secondOf("a.txt") < soon);
});

Deno.test("write() creates through a dangling symlink that stays inside", async () => {
  await using space = await tempWorkspace({});
  await symlink("target.txt", join(space.root, "link.txt"));
  assert.equal((await space.files.write("link.txt", "x", null)).path, "target.txt");
  assert.equal(await readFile(join(space.root, "target.txt"), "utf8"), "x");
});

Deno.test("write() refuses .git and protected paths, also through a symlink", async () => {
  await using space = await tempWorkspace({ ".git/config": "", "own/store.db": "", "sub/.git/hooks/x": "" }, [
    "own",
  ]);
  await symlink(".git", join(space.root, "git"));
  const refused = [
    ".git/config",
    ".git/hooks/pre-commit",
    "git/config",
    ".GIT/x",
    "sub/.git/hooks/y",
    "own/a",
    "own",
  ];
  for (const path of refused) {
    assert.match(await messageOf(space.files.write(path, "x", null)), /it is protected/, path);
  }
});

Deno.test("write() says what is in the way and leaves no temp file", async () => {
  await using space = await tempWorkspace({ "file": "x", "folder/y": "" });
  assert.match(await messageOf(space.files.write("file/a.txt", "x", null)), /a part of the path is a file/);
  assert.match(await messageOf(space.files.write("folder", "x", null)), /it is a folder/);
  assert.match(await messageOf(space.files.write("a.txt", "\ud83d", null)), /surrogate/);
  assert.deepEqual((await readdir(space.root)).sort(), ["file", "folder"]);
});

Deno.test("write() leaves the old file when the journal cannot keep it", async () => {
  await using space = await tempWorkspace({ "a.txt": "old" });
  const files = await openWorkspace({
    root: space.root,
    journal: {
      record: () => {
        throw new Error("the store is locked");
      },
    },
    protectedPaths: [],
  });
  const { hash } = await files.read("a.txt");
  await assert.rejects(files.write("a.txt", "new", hash), /the store is locked/);
  assert.equal(await readFile(join(space.root, "a.txt"), "utf8"), "old");
  assert.deepEqual(await readdir(space.root), ["a.txt"]);
});

Deno.test({
  name: "write() refuses a file that its owner made read-only",
  ignore: unlessRoot,
  fn: async () => {
    await using space = await tempWorkspace({ "a.txt": "old" });
    await chmod(join(space.root, "a.txt"), 0o444);
    const { hash } = await space.files.read("a.txt");
    assert.match(await messageOf(space.files.write("a.txt", "new", hash)), /permission denied/);
  },
});

Deno.test({
  name: "write() leaves the old file and no temp file when the system ends the write",
  ignore: await stat("/bin/bash").then(() => false, () => true),
  fn: async () => {
    // A full disk cannot be made without root; the limit on file size ends the same call in the same way.
    await using space = await tempWorkspace({ "a.txt": "old" });
    const script = `
      import { openWorkspace } from ${JSON.stringify(new URL("./workspace.ts", import.meta.url).href)};
      const files = await openWorkspace({ root: ${
      JSON.stringify(space.root)
    }, journal: { record() {} }, protectedPaths: [] });
      const { hash } = await files.read("a.txt");
      await files.write("a.txt", "x".repeat(3_000_000), hash).then(() => console.log("written"), (e) => console.log(e.message));
    `;
    await writeFile(join(space.root, "try.ts"), script);
    const output = await new Deno.Command("bash", {
      args: [
        "-c",
        `trap '' XFSZ; ulimit -f 1000; exec "$0" run -A --no-check --no-lock --config "$1" "$2"`,
        Deno.execPath(),
        new URL("../../deno.json", import.meta.url).pathname,
        join(space.root, "try.ts"),
      ],
    }).output();
    assert.match(new TextDecoder().decode(output.stdout), /Cannot write "a.txt": it would be larger/);
    assert.equal(await readFile(join(space.root, "a.txt"), "utf8"), "old");
    assert.deepEqual((await readdir(space.root)).sort(), ["a.txt", "try.ts"]);
  },
});

Deno.test("walk() honours .gitignore at every level and above the workspace", async () => {
  await using space = await tempWorkspace({
    ".gitignore": "*.log\n/dist\nnode_modules\n",
    ".git/HEAD": "",
    ".git/info/exclude": "local.txt\n",
    "local.txt": "",
    "a.log": "",
    "dist/out.js": "",
    "node_modules/x/i.js": "",
    "pkg/.gitignore": "!keep.log\nsecret/\n",
    "pkg/keep.log": "",
    "pkg/other.log": "",
    "pkg/dist/fine.js": "",
    "pkg/secret/s.txt": "",
    "pkg/b.txt": "",
  });
  const all = [
    ".gitignore",
    "pkg/",
    "pkg/.gitignore",
    "pkg/b.txt",
    "pkg/dist/",
    "pkg/dist/fine.js",
    "pkg/keep.log",
  ];
  const options = { signal: never, maxEntries: 100 };
  assert.deepEqual(await paths(space.files.walk(".", options)), all);
  assert.deepEqual(await paths(space.files.walk("pkg", options)), all.slice(2));
  assert.deepEqual(await paths(space.files.walk(".", { signal: never, maxEntries: 3 })), all.slice(0, 3));
});

Deno.test("walk() never follows a symlink, and ends when aborted", async () => {
  await using space = await tempWorkspace({ "a/b.txt": "" });
  await symlink("..", join(space.root, "a/up"));
  await symlink("/etc", join(space.root, "etc"));
  const options = { signal: never, maxEntries: 100 };
  assert.deepEqual(await paths(space.files.walk(".", options)), ["a/", "a/b.txt", "a/up", "etc"]);
  const aborted = { signal: AbortSignal.abort(new Error("stop")), maxEntries: 100 };
  await assert.rejects(paths(space.files.walk(".", aborted)), /stop/);
  assert.match(await messageOf(paths(space.files.walk("etc", options))), /outside the workspace/);
  assert.match(await messageOf(paths(space.files.walk("a/b.txt", options))), /it is a file/);
  assert.match(await messageOf(paths(space.files.walk("none", options))), /no such folder/);
});

Deno.test("exists() tells files from folders", async () => {
  await using space = await tempWorkspace({ "a/b.txt": "" });
  await mkdir(join(space.root, "empty"));
  const found = await Promise.all(["a/b.txt", "a", "empty", "none"].map((path) => space.files.exists(path)));
  assert.deepEqual(found, ["file", "folder", "folder", undefined]);
});

Deno.test("openWorkspace() refuses what is not a folder", async () => {
  await using space = await tempWorkspace({ "a.txt": "" });
  const journal = { record: () => {} };
  for (const root of [join(space.root, "a.txt"), join(space.root, "none")]) {
    await assert.rejects(openWorkspace({ root, journal, protectedPaths: [] }), RangeError);
  }
});

Deno.test("write() leaves no folder behind that it made for a file which could not be written", async () => {
  await using space = await tempWorkspace({ "src/a.txt": "a" });
  const files = await openWorkspace({
    root: space.root,
    journal: {
      record: () => {
        throw new DiskFullError("database or disk is full");
      },
    },
    protectedPaths: [],
  });
  await assert.rejects(files.write("src/new/deep/b.txt", "b", null), DiskFullError);
  assert.deepEqual(await readdir(space.root, { recursive: true }), ["src", "src/a.txt"]);
});
