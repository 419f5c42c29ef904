/** The whole program is killed at random points of a turn; the next start finds the turn and puts the files back. */

import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { seedRange } from "./core/_test_seeds.ts";
import type { Event } from "./core/events.ts";
import { type ScriptedReply, startScriptedServer } from "./core/model/scripted.ts";
import { bindSmallCode } from "./core/smallcode.ts";
import type { OpenTurn } from "./core/store/turns.ts";
import { bundle } from "./main.ts";

/** `deno task test:long` kills more often. */
const KILLS = seedRange(20, 200);
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const ORIGINAL: Readonly<Record<string, string>> = { "a.txt": "first\r\n", "b.txt": "second" };
const LINES = 200;

/** Writes a.txt, b.txt and new.txt again and again, one edit a reply. */
function replyTo(index: number): ScriptedReply {
  const path = ["a.txt", "new.txt", "b.txt"][index % 3]!;
  return { calls: [{ name: "write_file", args: { path, content: contentOf(path, index) } }] };
}

const contentOf = (path: string, index: number) => `${path} ${index}\n`.repeat(LINES);

/** Never a part of a state: the original, or one that a call wrote. */
function isWhole(path: string, text: string): boolean {
  const [line = ""] = text.split("\n", 1);
  return text === ORIGINAL[path] || text === `${line}\n`.repeat(LINES) && line.startsWith(`${path} `);
}

Deno.test(`a turn that was killed is found at the next start, ${KILLS.to - KILLS.from} times`, async () => {
  const edited = new Set<string>();
  for (let seed = KILLS.from; seed < KILLS.to; seed++) {
    for (const event of await killOnce(seed)) if (event.type === "edit") edited.add(event.change.path);
  }
  if (KILLS.to - KILLS.from >= 20) deepEqual([...edited].sort(), ["a.txt", "b.txt", "new.txt"]);
});

/** @returns what was told before the end */
async function killOnce(seed: number): Promise<readonly Event[]> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-crash-")));
  const project = join(home, "project");
  await mkdir(project);
  for (const [path, text] of Object.entries(ORIGINAL)) await writeFile(join(project, path), text);
  const server = await startScriptedServer({ replies: ({ index }) => replyTo(index) });
  const env = { PATH: Deno.env.get("PATH") ?? "", HOME: home, SMALLCODE_BASE_URL: server.url };
  try {
    const events = await runUntil(5 + (seed * 11) % 60, project, env);
    for (const path of await readdir(project)) {
      if (path.endsWith(".tmp")) continue;
      ok(isWhole(path, await readFile(join(project, path), "utf8")), `seed ${seed}: ${path}`);
    }
    const data = join(home, ".local", "share", "smallcode");
    const db = new DatabaseSync(join(data, "smallcode.db"));
    equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok", `seed ${seed}`);
    db.close();
    const SmallCode = bindSmallCode(() => ({ ...bundle(), env, home }));
    const found: OpenTurn[] = [];
    const agent = new SmallCode({
      cwd: project,
      resume: "last",
      recover: (turn) => {
        found.push(turn);
        return Promise.resolve("restore");
      },
    });
    const notices: string[] = [];
    agent.on("notice", ({ text }) => notices.push(text));
    await agent.open();
    await agent.close();
    const left = (await readdir(project)).map(async (path) =>
      [path, await readFile(join(project, path), "utf8")] as const
    );
    deepEqual(Object.fromEntries(await Promise.all(left)), ORIGINAL, `seed ${seed}`);
    const hadBegun = events.some(({ type }) => type === "turn_start");
    if (hadBegun) ok(notices.some((text) => text.includes("was cut off")), `seed ${seed}: ${notices}`);
    if (events.some(({ type }) => type === "edit")) equal(found.length, 1, `seed ${seed}`);
    return events;
  } finally {
    await server.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** Runs a task until that many events were written, then kills the process; it works on until the signal arrives. */
async function runUntil(
  most: number,
  project: string,
  env: Record<string, string>,
): Promise<readonly Event[]> {
  const args = [
    "run",
    "-A",
    "--no-prompt",
    "--no-check",
    "--quiet",
    MAIN,
    "run",
    "write a.txt, b.txt and new.txt again and again",
    "--json",
  ];
  const child = spawn(Deno.execPath(), args, { cwd: project, env, stdio: ["ignore", "pipe", "inherit"] });
  const events: Event[] = [];
  let rest = "";
  child.stdout.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    events.push(...lines.map((line) => JSON.parse(line) as Event));
    if (events.length >= most) child.kill("SIGKILL");
  });
  const [code, signal] = await once(child, "close");
  deepEqual([code, signal], [null, "SIGKILL"], JSON.stringify(events.at(-1)));
  return events;
}
