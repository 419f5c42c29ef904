/**
 * The loop's invariants on a real workspace (issue 6), with a hostile model: see `_test_hostile_*.ts`. `--long`
 * (`deno task test:long`) plays 200,000 seeds in place of 1,000, `--from` and `--to` a part of them.
 */

import assert from "node:assert/strict";
import {
  accessSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OUTSIDE } from "./_test_hostile_model.ts";
import {
  layFiles,
  onDisk,
  openCalls,
  openWitness,
  type Place,
  type Trouble,
  Waits,
  type Witness,
} from "./_test_hostile_witness.ts";
import { type HostileSession, openHostileSession, SYNTAX } from "./_test_hostile_world.ts";
import { type Next, pick, playSeeds, random, seedRange, tell } from "./_test_seeds.ts";
import { runTurn } from "./agent.ts";
import { DiskFullError, ProviderError } from "./errors.ts";
import { sumOf } from "./guard/ladder.ts";
import { undo } from "./store/journal.ts";
import { openJournalFiles } from "./store/journal_files.ts";
import { openStore } from "./store/store.ts";
import { untoldUndos } from "./store/untold.ts";
import { startTurn } from "./turn/start_turn.ts";
import type { Finished } from "./turn/tell_end.ts";
import type { Message } from "./types.ts";
import { exitCodeOf } from "./verify/outcome.ts";

const SEEDS = seedRange(1_000, 200_000);
const TASKS = [
  ...["fix a.py", "fix a.py", "make add in a.py faster", "What does a.py do?"],
  ...[
    "Change a.py and sub/b.py, then write new.py and notes.txt",
    "1. fix a.py\n2. add a test\n3. run check",
  ],
];

type Files = Readonly<Record<string, string>>;

/** What the seeds came to, counted by name. */
type Counts = Map<string, number>;

async function playSeed(seed: number, place: Place, isCancelled: boolean, counts: Counts): Promise<void> {
  const next = random(seed);
  const trouble = troubleOf(next, isCancelled);
  const files = layFiles(place, next);
  const witness = openWitness();
  const waits = new Waits(trouble, () => editAsPerson(place, next, witness));
  const turns = next() < 0.2 ? 2 : 1;
  let number = 1;
  const session = await openHostileSession(next, () => number, place, waits, witness);
  let history: readonly Message[] = [];
  for (; number <= turns; number++) {
    const before = onDisk(place.root);
    const finished = await playTurn(number, history, { next, session, waits, trouble, place, witness });
    tellStory(witness);
    await holdFiles(place, { files, witness });
    count(counts, finished ? finished.outcome : "no end");
    if (!finished) break;
    holdTurn(finished, { before, session, waits, witness, place, counts });
    history = finished.turn.messages;
    if (turns > 1 && next() < 0.5) await takeBack(number - 1, place);
  }
  await takeBack(0, place);
  const left = onDisk(place.root);
  for (const path of new Set([...Object.keys(files), ...Object.keys(left)])) {
    if (!witness.touched.has(path)) {
      assert.equal(left[path], files[path], `${path} is not as it was after an undo`);
    }
  }
  await holdFiles(place, { files, witness });
}

function troubleOf(next: Next, isCancelled: boolean): Trouble {
  const [at, when] = [pick(next, ["before", "after", "event"] as const), Math.floor(next() * 70)];
  return {
    at,
    cancelAt: isCancelled ? when : -1,
    fullAt: next() < 0.04 ? Math.floor(next() * 20) : -1,
    editAt: next() < 0.15 ? Math.floor(next() * 8) : -1,
  };
}

function editAsPerson({ root }: Place, next: Next, { written, touched, own }: Witness): string {
  const path = pick(next, ["a.py", "notes.txt", "new.py", "sub/b.py"]);
  const text = `# mine\n${onDisk(root)[path] ?? ""}`;
  writeFileSync(join(root, path), text);
  written.set(path, (written.get(path) ?? new Set()).add(text));
  touched.add(path);
  own.set(path, text);
  return path;
}

async function playTurn(
  number: number,
  history: readonly Message[],
  at: {
    readonly next: Next;
    readonly session: HostileSession;
    readonly waits: Waits;
    readonly trouble: Trouble;
    readonly place: Place;
    readonly witness: Witness;
  },
): Promise<Finished | undefined> {
  const { next, session: { deps, heads, facts }, waits: { abort: { signal } }, trouble, witness } = at;
  await at.session.begin();
  witness.events.length = 0;
  witness.calls = 0;
  const undone = untoldUndos(at.place.store, at.place.session);
  const start = { task: pick(next, TASKS), asked: [], number, heads, epoch: number, history, facts };
  try {
    const turn = await startTurn({ ...start, undone: undone.paths }, deps, signal);
    undone.tell();
    deps.save(turn);
    return await runTurn(turn, deps, signal);
  } catch (error) {
    const isMeant = error instanceof ProviderError || trouble.fullAt >= 0 && error instanceof DiskFullError;
    assert.ok(isMeant, String((error as Error)?.stack ?? error));
    return undefined;
  } finally {
    await deps.baselines.close();
  }
}

/** Whatever happened: nothing outside was touched, and each file is as it was or as somebody wrote it. */
async function holdFiles(
  { base, root }: Place,
  { files, witness }: { readonly files: Files; readonly witness: Witness },
): Promise<void> {
  assert.equal(readFileSync(join(base, OUTSIDE), "utf8"), "not yours\n");
  assert.deepEqual(readdirSync(base).toSorted(), ["data", OUTSIDE, "work"], "a file outside the workspace");
  const disk = onDisk(root);
  for (const [path, text] of Object.entries(disk)) {
    assert.ok(!path.includes(".smallcode-"), "a temp file was left");
    if (files[path] === text) continue;
    assert.ok(witness.written.get(path)?.has(text), `${path} is in a state that nobody wrote`);
    if (!path.endsWith(".py") || witness.touched.has(path)) continue;
    assert.deepEqual(await SYNTAX.parseErrors(path, text), [], `${path} does not parse and did before`);
  }
  assert.deepEqual(witness.lost, [], "an edit of the person was overwritten");
  for (const [path, text] of witness.own) {
    assert.equal(disk[path], text, `the person's ${path} was overwritten`);
  }
}

/** What a turn says of itself is so. */
function holdTurn(
  { turn, outcome }: Finished,
  at: {
    readonly before: Files;
    readonly session: HostileSession;
    readonly waits: Waits;
    readonly witness: Witness;
    readonly place: Place;
    readonly counts: Counts;
  },
): void {
  const { limits } = at.session.deps.config;
  const { before, witness: { events, calls, touched }, waits: { abort: { signal }, trouble }, counts } = at;
  const disk = onDisk(at.place.root);
  assert.deepEqual(openCalls(turn.messages), [], "calls without an answer");
  const ids = turn.messages.flatMap((message) =>
    message.role === "assistant" ? message.calls.map(({ id }) => id) : []
  );
  assert.equal(new Set(ids).size, ids.length, "an id twice");
  assert.ok(turn.step <= limits.steps && turn.toolCalls <= limits.toolCalls, "over its budgets");
  assert.ok(sumOf(turn.corrections) <= limits.corrections, "over its corrections");
  // Thinking that is ended asks again, and a constrained call takes two.
  assert.ok(calls <= 4 * limits.steps, `${calls} requests`);
  const checks = events.flatMap((event) =>
    event.type === "check" && event.command === "check" ? [event] : []
  );
  // A contract may run the same command where the check itself was not permitted.
  const ranRed = turn.checks?.some(({ command, exitCode }) => command === "check" && exitCode === 1);
  const isRed = ranRed && checks.findLast(({ phase }) => phase === "after")?.state === "red";
  if (outcome === "verified") {
    assert.ok(!isRed, "verified, and the last check is red");
    assert.ok(disk["a.py"]?.includes("return a + b\n"), "verified, and the check would be red");
    assert.deepEqual(
      (turn.contract ?? []).filter(({ state }) => state !== "passed"),
      [],
      "verified, and open items",
    );
  }
  if (outcome === "answered") {
    for (const path of new Set([...Object.keys(before), ...Object.keys(disk)])) {
      if (!touched.has(path)) assert.equal(disk[path], before[path], `answered, and ${path} changed`);
    }
  }
  const wasGreen = checks.some(({ phase, state }) => phase === "baseline" && state === "green");
  if (isRed && wasGreen) assert.ok(outcome === "failed" || outcome === "stopped" || signal.aborted, outcome);
  const { hardFail, verify } = at.session.deps.profile.harness;
  // Who cancels, even the last check of a turn that was stopped, gets the files as they are.
  if (isRed && wasGreen && hardFail && verify && !signal.aborted && !touched.has("a.py")) {
    assert.equal(disk["a.py"], before["a.py"], `${outcome}, and broken code was delivered`);
    count(counts, "put back");
  }
  assert.equal(
    exitCodeOf(outcome, { requireVerified: false }),
    outcome === "cancelled" ? 130 : ["verified", "unverified", "answered"].includes(outcome) ? 0 : 1,
  );
  const ends = events.filter((event) => event.type === "turn_end");
  assert.deepEqual(ends.map((event) => event.outcome), [outcome]);
  const begun = events.flatMap((event) => event.type === "tool_start" ? [event.id] : []);
  const ended = events.flatMap((event) => event.type === "tool_end" ? [event.id] : []);
  if (!signal.aborted) assert.deepEqual(ended, begun, "a call that began and did not end");
  // A turn that came to its own end in the same moment may say so.
  const last = events.findLast((event) => event.type === "verdict");
  if (signal.aborted && outcome !== "cancelled") {
    const isOwnEnd = last?.kind === "finish" || last?.kind === "escalate" && trouble.at === "event";
    assert.ok(outcome === "stopped" || isOwnEnd, `cancelled, and ${outcome}`);
  }
  for (const event of events) {
    if (event.type === "escalation" && event.answer === "sent") count(counts, "handed over");
    if (event.type === "attempt") count(counts, `attempt ${event.strategy}`);
    if (event.type === "candidate") count(counts, "candidate");
    if (event.type === "compaction") count(counts, "compaction");
    if (event.type === "edit") count(counts, `edit by ${event.change.by}`);
  }
}

/** What happened, for whoever plays one seed alone to see why it fails. */
function tellStory({ events }: Witness): void {
  if (SEEDS.to - SEEDS.from !== 1) return;
  for (const event of events) {
    if (!["token", "reasoning", "tool_output", "reply"].includes(event.type)) {
      tell(JSON.stringify(event).slice(0, 240));
    }
  }
}

async function takeBack(afterTurn: number, { store, session }: Place): Promise<void> {
  await undo(store, { session, scope: { afterTurn } }, openJournalFiles("off"));
}

function count(counts: Counts, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** A file system in memory, where there is one: half of a seed's time on a disk is the disk's. */
function memoryFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}

/** Plays all seeds, each lane in a folder of its own. @param enough what has to happen so often in a thousand seeds */
async function playAll(isCancelled: boolean, enough: Readonly<Record<string, number>>): Promise<void> {
  const places = new Map<number, Omit<Place, "session">>();
  const counts: Counts = new Map();
  const placeOf = async (lane: number): Promise<Omit<Place, "session">> => {
    const known = places.get(lane);
    if (known) return known;
    const base = realpathSync(mkdtempSync(join(memoryFolder(), "smallcode-hostile-")));
    writeFileSync(join(base, OUTSIDE), "not yours\n");
    const store = await openStore({ folder: join(base, "data"), now: () => 1, sync: "off" });
    const place = { base, root: join(base, "work"), store };
    places.set(lane, place);
    return place;
  };
  try {
    await playSeeds(isCancelled ? "hostile, cancelled" : "hostile", SEEDS, async (seed, lane) => {
      await playSeed(seed, { ...await placeOf(lane), session: `s${seed}` }, isCancelled, counts);
    });
  } finally {
    for (const { base, store } of places.values()) {
      store.close();
      rmSync(base, { recursive: true, force: true });
    }
  }
  // Without each of these the promises were not put to the test.
  const played = SEEDS.to - SEEDS.from;
  if (played < 500) return;
  for (const [name, least] of Object.entries(enough)) {
    assert.ok((counts.get(name) ?? 0) >= least * played / 1_000, `${name}: ${JSON.stringify([...counts])}`);
  }
}

Deno.test("runTurn() keeps its promises on a real workspace, whatever the model does", () =>
  playAll(false, {
    ...{ verified: 20, unverified: 20, failed: 20, stopped: 20, answered: 5, "no end": 5, "put back": 5 },
    ...{ "handed over": 20, "edit by command": 20, "edit by tool": 100, "attempt cooler": 20, candidate: 1 },
  }));

Deno.test("runTurn() keeps its promises when it is cancelled at any wait or event", () =>
  playAll(true, { cancelled: 250 }));
