import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compareScans, scanWorkspace } from "./scan.ts";

const signal = new AbortController().signal;
/** Far from its limit on a busy machine. */
const maxMs = 60_000;

async function inFolder(
  files: Readonly<Record<string, string>>,
  test: (root: string, write: (path: string, text: string) => void) => Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "smallcode-scan-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  try {
    await test(root, write);
  } finally {
    rmSync(root, { recursive: true });
  }
}

Deno.test("compareScans() tells created, edited and deleted files, and one only touched is none of these", () =>
  inFolder(
    { "a": "1", "d/b": "2", "gone": "3", "touched": "4", "big": "x".repeat(70_000) },
    async (root, write) => {
      const before = await scanWorkspace(root, { maxMs, signal });
      write("a", "5");
      write("d/new", "6");
      write("big", "y".repeat(70_000));
      rmSync(join(root, "gone"));
      for (const path of ["a", "touched", "big"]) utimesSync(join(root, path), 5, 5);
      const after = await scanWorkspace(root, { maxMs, signal, earlier: before });
      deepEqual(compareScans(before, after), {
        created: ["d/new"],
        edited: ["a", "big"],
        deleted: ["gone"],
        isWhole: true,
      });
    },
  ));

Deno.test("scanWorkspace() leaves out .git, node_modules, what .gitignore names, and follows no symlink", () =>
  inFolder({
    ".gitignore": "*.log\n/dist/\n",
    ".git/config": "",
    "node_modules/x/i.js": "",
    "dist/a.js": "",
    "a.log": "",
    "src/dist/b.js": "",
    "src/.gitignore": "!keep.log\nown\n",
    "src/keep.log": "",
    "src/own": "",
    "own": "",
  }, async (root) => {
    symlinkSync("/etc", join(root, "link"));
    const { files, isWhole } = await scanWorkspace(root, { maxMs, signal });
    equal(isWhole, true);
    deepEqual([...files.keys()].sort(), [
      ".gitignore",
      "own",
      "src/.gitignore",
      "src/dist/b.js",
      "src/keep.log",
    ]);
  }));

Deno.test("scanWorkspace() says when a limit ended it, and compareScans() claims nothing then", () =>
  inFolder({ "a": "", "b": "", "c": "" }, async (root) => {
    const none = await scanWorkspace(root, { maxMs: 0, signal });
    const two = await scanWorkspace(root, { maxMs, maxFiles: 2, signal });
    const all = await scanWorkspace(root, { maxMs, maxFiles: 3, signal });
    deepEqual([none, two, all].map(({ files, isWhole }) => [files.size, isWhole]), [[0, false], [2, false], [
      3,
      true,
    ]]);
    const nothing = { created: [], edited: [], deleted: [], isWhole: false };
    deepEqual(compareScans(two, all), nothing);
    deepEqual(compareScans(all, none), nothing);
  }));

Deno.test("scanWorkspace() stops when aborted", () =>
  inFolder({ "a": "" }, async (root) => {
    await rejects(scanWorkspace(root, { maxMs, signal: AbortSignal.abort(new Error("enough")) }), /enough/);
  }));
