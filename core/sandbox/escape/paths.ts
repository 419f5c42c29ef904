/** Attempts through the names of files, links, and what is swapped while the host looks. */

import { mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import type { Attempt, Place } from "./attempt.ts";

const REFUSED =
  /^(?!.*got )(?:.*(?:Not granted|Cannot use path|became a link|replaced by a link|no such file|regular file|is a folder))/s;
/** Tries every way to touch each path. */
const touchAll = (paths: string) =>
  `const r: string[] = []; for (const path of ${paths}) for (const act of [() => fs.readText(path), () => fs.readBytes(path).then((b) => new TextDecoder().decode(b)), () => fs.list(path).then((l) => JSON.stringify(l)), () => fs.stat(path).then((s) => { if (s) return JSON.stringify(s); throw new Error("no such file"); }), () => fs.writeText(path, "pwned")]) { try { r.push("got " + await act()); } catch (e: any) { r.push(e.message); } } return r.join("\\n");`;
/** Left out where a written file would be a plain file of a granted folder. */
const WRITES = `, () => fs.writeText(path, "pwned")`;
const docs = { read: ["./docs"], write: ["./docs"] };
const makeDocs = async ({ root }: Place) => void await mkdir(`${root}/docs`);

/** Swaps two things at a path until the attempt is over. */
async function swap(act: readonly (() => Promise<void>)[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const one of act) await one().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

export const PATHS: readonly Attempt[] = [
  {
    name: "up by ..",
    group: "path",
    code: touchAll(
      `["../outside/secret.txt", "docs/../../outside/secret.txt", "./docs/./../../outside/secret.txt", "docs/../../outside/pwned"]`,
    ),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "absolute paths",
    group: "path",
    code: touchAll(`[args.secret, args.outside + "/pwned", "/etc/passwd", "//etc/passwd", "/"]`),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "a path that only begins like a granted one",
    group: "path",
    code: touchAll(`["docs2/secret.txt", "docs.txt", "./docs-x/a"]`),
    permissions: docs,
    setup: async ({ root }) => {
      await mkdir(`${root}/docs2`);
      await writeFile(`${root}/docs2/secret.txt`, "x");
      await writeFile(`${root}/docs.txt`, "x");
    },
    shows: REFUSED,
  },
  {
    name: "a link to a file outside",
    group: "path",
    code: touchAll(`["docs/link"]`),
    permissions: docs,
    setup: async (p) => {
      await makeDocs(p);
      await symlink(p.secret, `${p.root}/docs/link`);
    },
    shows: REFUSED,
  },
  {
    name: "a link to a folder outside",
    group: "path",
    code: touchAll(`["docs/link/secret.txt", "docs/link/pwned", "docs/link", "docs/link/new/pwned"]`),
    permissions: docs,
    setup: async (p) => {
      await makeDocs(p);
      await symlink(p.outside, `${p.root}/docs/link`);
    },
    shows: REFUSED,
  },
  {
    name: "a link that leads to nothing, outside",
    group: "path",
    code: touchAll(`["docs/link"]`),
    permissions: docs,
    setup: async (p) => {
      await makeDocs(p);
      await symlink(`${p.outside}/pwned`, `${p.root}/docs/link`);
    },
    shows: REFUSED,
  },
  {
    name: "links in a chain and a circle",
    group: "path",
    code: touchAll(`["docs/a", "docs/x"]`),
    permissions: docs,
    setup: async (p) => {
      await makeDocs(p);
      await symlink("b", `${p.root}/docs/a`);
      await symlink("c", `${p.root}/docs/b`);
      await symlink(p.secret, `${p.root}/docs/c`);
      await symlink("y", `${p.root}/docs/x`);
      await symlink("x", `${p.root}/docs/y`);
    },
    shows: REFUSED,
  },
  {
    name: "a granted folder that the project made a link",
    group: "path",
    code: touchAll(`["docs/secret.txt", "docs/pwned", "docs"]`),
    permissions: docs,
    setup: async (p) => await symlink(p.outside, `${p.root}/docs`),
    shows: REFUSED,
  },
  {
    name: "a NUL in the path",
    group: "path",
    code: touchAll(`["docs/a\\0/../../../outside/secret.txt", "\\0", args.secret + "\\0.md", "docs/\\0"]`),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "long names and paths",
    group: "path",
    code: touchAll(
      `["docs/" + "a".repeat(300), "docs/" + "a/".repeat(3000), "docs/" + "../".repeat(2000) + "etc/passwd", "é".repeat(5000)]`,
    ),
    permissions: docs,
    setup: makeDocs,
    shows: /^(?!.*got )/s,
  },
  {
    name: "/proc/self, granted as a whole",
    group: "path",
    code: touchAll(
      `["/proc/self/environ", "/proc/self/root" + args.secret, "/proc/self/cwd/deno.json", "/proc/self/mem", "/proc/self/fd/0", "/proc/1/environ", "/proc/self/task", "/proc/thread-self/environ"]`,
    ),
    permissions: { read: ["/proc"], write: ["/proc"] },
    shows: /^(?!.*got )(?=.*Not granted to any plugin)/s,
  },
  {
    name: "devices, granted as a whole",
    group: "path",
    code: touchAll(`["/dev/stdin", "/dev/tty", "/dev/zero", "/dev/fd/0", "/dev/null", "/sys/kernel"]`),
    permissions: { read: ["/dev", "/sys"], write: ["/dev", "/sys"] },
    shows: REFUSED,
  },
  {
    name: "a pipe that never answers",
    group: "path",
    code: touchAll(`["docs/pipe"]`),
    permissions: docs,
    setup: async (p) => {
      await makeDocs(p);
      spawnSync("mkfifo", [`${p.root}/docs/pipe`]);
    },
    shows: /regular file|no such file/,
  },
  {
    name: "Windows' device names",
    group: "path",
    code: touchAll(
      `["docs/CON", "docs/nul", "docs/NUL.txt", "docs/com1", "docs/LPT9.md", "docs/aux .txt", "docs/CONIN$", "docs/prn."]`,
    ),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "drive, UNC and namespace paths",
    group: "path",
    code: touchAll(
      `["C:\\\\Windows\\\\win.ini", "C:secret", "\\\\\\\\server\\\\share", "\\\\\\\\?\\\\C:\\\\x", "\\\\\\\\.\\\\pipe\\\\x", "docs\\\\..\\\\..\\\\outside\\\\secret.txt", "file://" + args.secret, "c:/x"]`,
    ),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "streams, wildcards, trailing dots and spaces",
    group: "path",
    code: touchAll(
      `["docs/a.txt:hidden", "docs/a.txt::$DATA", "docs/*", "docs/a?", "docs/a.", "docs/a ", "docs./a", "docs/a\\nb", "docs/\\x1b[2J"]`,
    ),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "encoded and lookalike dots",
    group: "path",
    code: touchAll(
      `["docs/%2e%2e/%2e%2e/outside/secret.txt", "docs/..%2f..%2foutside/secret.txt", "docs/․․/outside/secret.txt", "docs/．．/outside/secret.txt", "docs/..;/outside/secret.txt"]`,
    ).replace(WRITES, ""),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "the home folder and other homes",
    group: "path",
    code: touchAll(
      `["~", "~/secret.txt", "~/../outside/secret.txt", "~root/.profile", "docs/~/../../../outside/secret.txt"]`,
    ),
    permissions: docs,
    setup: makeDocs,
    shows: REFUSED,
  },
  {
    name: "git's own folder, in any case",
    group: "path",
    code:
      `const r: string[] = []; for (const path of [".git/hooks/post-commit", ".GIT/config", "sub/.git/config", ".Git/x", "./x/../.git/y"]) { try { await fs.writeText(path, "pwned"); r.push("got " + path); } catch (e: any) { r.push(e.message); } } return r.join(" ");`,
    permissions: { write: ["."] },
    shows: /^(?!.*got )(.*Not granted to any plugin){5}/,
  },
  {
    name: "SmallCode's own folder, granted as a part",
    group: "path",
    code: touchAll(`["own/.env", "own", "own/x/../.env", "./own//.env"]`),
    permissions: { read: ["."], write: ["."] },
    setup: async (p) => {
      await mkdir(`${p.root}/own`);
      await writeFile(`${p.root}/own/.env`, "CANARY-own");
    },
    shows: REFUSED,
  },
  {
    name: "the settings that SmallCode obeys at its next start",
    group: "path",
    code: `const r: string[] = [];
      for (const path of ["smallcode.toml", "SmallCode.toml", ".env", ".smallcode/plugins/evil.ts", "./x/../.env"]) {
        try { await fs.writeText(path, "pwned"); r.push("got " + path); } catch (e: any) { r.push(e.message); }
      }
      return r.join(" ");`,
    permissions: { write: ["."] },
    shows: /^(?!.*got )(.*Not granted to any plugin){5}/,
  },
  {
    name: "keys in .env files, granted as a part of a folder",
    group: "path",
    code: touchAll(`[".env", "sub/.env", ".env.local", "sub/../.ENV"]`).replace(WRITES, ""),
    permissions: { read: ["."] },
    setup: async ({ root }) => {
      await mkdir(`${root}/sub`);
      for (const path of [".env", "sub/.env", ".env.local"]) await writeFile(`${root}/${path}`, "CANARY-env");
    },
    shows: REFUSED,
  },
  {
    name: "a write where only reading is granted",
    group: "path",
    code:
      `return await fs.writeText("docs/a", "x").then(() => "got it", (e) => e.message) + await fs.readText("docs/b").catch((e) => e.message);`,
    permissions: { read: ["./docs"] },
    setup: makeDocs,
    shows: /^(?!.*got )/,
  },
  {
    name: "a read where only writing is granted",
    group: "path",
    code: `return await fs.readText("docs/a").then(() => "got it", (e) => e.message);`,
    permissions: { write: ["./docs"] },
    setup: async (p) => {
      await makeDocs(p);
      await writeFile(`${p.root}/docs/a`, "CANARY-a");
    },
    shows: /Not granted/,
  },
  {
    name: "a single granted file, as a folder",
    group: "path",
    code: touchAll(`["a.txt/../../outside/secret.txt", "a.txt/x", "b.txt"]`),
    permissions: { read: ["a.txt"], write: ["a.txt"] },
    shows: REFUSED,
  },
  {
    name: "race: a folder becomes a link while it is read",
    group: "path",
    code:
      `let refused = 0, read = 0; for (let i = 0; i < 150; i++) { try { const t = await fs.readText("docs/sub/secret.txt"); read++; if (t !== "harmless") return "got " + t; } catch { refused++; } } return "ran " + (refused + read);`,
    permissions: docs,
    setup: async (p) => {
      await mkdir(`${p.root}/docs/sub`, { recursive: true });
      await writeFile(`${p.root}/docs/sub/secret.txt`, "harmless");
    },
    meanwhile: (p, signal) =>
      swap([
        () => rename(`${p.root}/docs/sub`, `${p.root}/docs/kept`),
        () => symlink(p.outside, `${p.root}/docs/sub`),
        () => unlink(`${p.root}/docs/sub`),
        () => rename(`${p.root}/docs/kept`, `${p.root}/docs/sub`),
      ], signal),
    shows: /ran 150/,
  },
  {
    name: "race: a file becomes a link while it is read",
    group: "path",
    code:
      `let n = 0; for (let i = 0; i < 150; i++) { try { const t = await fs.readText("docs/f"); if (t !== "harmless") return "got " + t; } catch {} n++; } return "ran " + n;`,
    permissions: docs,
    setup: makeDocs,
    meanwhile: (p, signal) =>
      swap([
        () => writeFile(`${p.root}/docs/g`, "harmless"),
        () => rename(`${p.root}/docs/g`, `${p.root}/docs/f`),
        () => symlink(p.secret, `${p.root}/docs/h`),
        () => rename(`${p.root}/docs/h`, `${p.root}/docs/f`),
      ], signal),
    shows: /ran 150/,
  },
  {
    name: "race: a folder becomes a link while it is written",
    group: "path",
    code:
      `let n = 0; for (let i = 0; i < 100; i++) { try { await fs.writeText("docs/sub/new/pwned", "x"); } catch {} n++; } return "ran " + n;`,
    permissions: docs,
    setup: async (p) => void await mkdir(`${p.root}/docs/sub`, { recursive: true }),
    meanwhile: (p, signal) =>
      swap([
        () => rename(`${p.root}/docs/sub`, `${p.root}/docs/kept`),
        () => symlink(p.outside, `${p.root}/docs/sub`),
        () => unlink(`${p.root}/docs/sub`),
        () => rename(`${p.root}/docs/kept`, `${p.root}/docs/sub`),
        () => rm(`${p.root}/docs/sub/new`, { recursive: true, force: true }),
      ], signal),
    shows: /ran 100/,
  },
];
