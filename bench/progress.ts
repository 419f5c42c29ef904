/** Shows how far a benchmark is: a bar with the time left on a terminal, a line for each run elsewhere. */

import type { RunRecord } from "./record.ts";

export interface Progress {
  /** @param done runs that an earlier call has finished */
  start(total: number, done: number): void;
  done(record: RunRecord): void;
  end(): void;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Milliseconds since any fixed moment. */
  readonly now: () => number;
}

const BAR = 24;

export function openProgress({ write, isTerminal, columns, now }: ProgressOptions): Progress {
  let total = 0;
  let before = 0;
  let finished = 0;
  let passed = 0;
  let began = 0;
  const draw = (last: string) => {
    const share = total === 0 ? 1 : (before + finished) / total;
    const bar = "#".repeat(Math.round(share * BAR)).padEnd(BAR, ".");
    const left = finished === 0
      ? "--"
      : formatDuration((now() - began) / finished * (total - before - finished));
    const line = `[${bar}] ${
      before + finished
    }/${total}  ${passed} of ${finished} passed  left ${left}  ${last}`;
    write(`\r\x1b[K${line.slice(0, columns - 1)}`);
  };
  return {
    start(all, done) {
      total = all;
      before = done;
      began = now();
      if (done > 0) write(`${done} of ${all} runs are done already\n`);
      if (isTerminal) draw("");
    },
    done(record) {
      finished++;
      if (record.passed) passed++;
      const name = `${record.task} ${record.run} ${record.passed ? "passed" : "failed"}`;
      if (isTerminal) draw(name);
      else {
        write(`${before + finished}/${total} ${name} (${record.outcome}, ${formatDuration(record.ms)})\n`);
      }
    },
    end() {
      if (isTerminal) write("\n");
    },
  };
}

/** `12s`, `3m 05s`, `2h 10m`. @param ms milliseconds */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}
