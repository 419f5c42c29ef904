import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSessionLocked, lockSession } from "./session_lock.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "smallcode-lock-"));
  try {
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// In a process of its own: takes the lock and holds it.
if (Deno.args[0] === "hold") {
  const held = await lockSession(Deno.args[1]!, "abc");
  Deno.stdout.writeSync(new TextEncoder().encode(held ? "held\n" : "refused\n"));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

Deno.test("lockSession() gives a session to one at a time, and each session its own lock", () =>
  withFolder(async (folder) => {
    const first = await lockSession(folder, "abc");
    ok(first);
    equal(await lockSession(folder, "abc"), undefined);
    equal(await isSessionLocked(folder, "abc"), true);
    const other = await lockSession(folder, "abd");
    ok(other);
    first.release();
    equal(await isSessionLocked(folder, "abc"), false);
    const second = await lockSession(folder, "abc");
    ok(second);
    second.release();
    other.release();
    // Nothing is left but the empty files.
    deepEqual(
      readdirSync(join(folder, "locks")).map((name) => [name, statSync(join(folder, "locks", name)).size]),
      [["abc", 0], ["abd", 0]],
    );
  }));

Deno.test("lockSession() takes over from a process that was killed", () =>
  withFolder(async (folder) => {
    const args = ["run", "-A", "--no-check", "--quiet", import.meta.filename ?? "", "hold", folder];
    const child = spawn(Deno.execPath(), args, { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await once(child.stdout, "data");
    equal(String(said), "held\n");
    equal(await lockSession(folder, "abc"), undefined);
    child.kill("SIGKILL");
    await once(child, "close");
    const lock = await lockSession(folder, "abc");
    ok(lock);
    lock.release();
  }));
