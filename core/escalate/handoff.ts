/** What a stronger model is told of a turn that it takes over: within its window, and no more than it needs. Pure. */

import { describeAssertion } from "../plan/contract.ts";
import { anewMessage } from "../prompt/text/fresh_context.ts";
import { HANDED_OVER, handedOver } from "../prompt/text/hand_over.ts";
import type { CheckRun, Turn } from "../types.ts";

/** More of the project's text than this helps no model further than its tools would, and it is what leaves the machine. */
const MOST_FILE_TOKENS = 8_000;

/** Shares of what the head leaves of the window; the rest is for the work. */
const FILE_SHARE = 0.35;
const TASK_SHARE = 0.2;
const CHECK_SHARE = 0.1;
const CONTRACT_SHARE = 0.05;

/** Tokens that each part may take. @param window tokens; @param headTokens system text and tools */
export function handoffRoom(
  window: number,
  headTokens: number,
): { readonly files: number; readonly task: number; readonly check: number; readonly contract: number } {
  const room = Math.max(0, window - headTokens);
  return {
    files: Math.min(MOST_FILE_TOKENS, Math.floor(room * FILE_SHARE)),
    task: Math.floor(room * TASK_SHARE),
    check: Math.floor(room * CHECK_SHARE),
    contract: Math.floor(room * CONTRACT_SHARE),
  };
}

/** What to look for in the project: the task, what fails, and what was changed so far. */
export function searchText(turn: Turn): string {
  return [
    turn.task,
    ...redRuns(turn).map(({ excerpt }) => excerpt),
    ...turn.ledger.changes.map(({ path }) => path),
  ].filter((part) => part !== "").join("\n");
}

/** The one message of the stronger model's context. @param files regions as the first look shows them, or empty */
export function handoffMessage(
  turn: Turn,
  about: {
    readonly reason: string;
    readonly files: string;
    readonly room: ReturnType<typeof handoffRoom>;
    readonly estimate: (text: string) => number;
  },
): string {
  const { room, estimate } = about;
  const check = redRuns(turn).map(({ command, exitCode, excerpt }) =>
    `\`${command}\` ends with exit code ${exitCode}:\n${excerpt}`
  ).join("\n");
  return anewMessage({
    asked: (turn.asked ?? []).slice(-2),
    files: about.files,
    task: cutTo(turn.task, room.task, estimate),
    ledger: turn.ledger,
    wrong: handedOver({
      reason: about.reason,
      check: cutTo(check, room.check, estimate),
      plan: turn.plan?.steps ?? [],
      contract: linesWithin(
        (turn.contract ?? []).map(({ assertion }) => shorten(describeAssertion(assertion))),
        room.contract,
        estimate,
      ),
    }),
    how: HANDED_OVER,
  });
}

/** The checks that are red, as the harness ran them last. */
function redRuns({ checks }: Turn): readonly CheckRun[] {
  return (checks ?? []).filter(({ exitCode }) => exitCode !== null && exitCode !== 0);
}

/** The first lines that together are estimated to have at most `tokens`. */
function linesWithin(
  lines: readonly string[],
  tokens: number,
  estimate: (text: string) => number,
): readonly string[] {
  const last = lines.findIndex((_, i) => estimate(lines.slice(0, i + 1).join("\n")) > tokens);
  return last < 0 ? lines : [...lines.slice(0, last), `${lines.length - last} more`];
}

/** An assertion may hold a whole file's text; its beginning says which it is. */
const ASSERTION_CHARS = 160;

function shorten(text: string): string {
  return text.length <= ASSERTION_CHARS ? text : `${text.slice(0, ASSERTION_CHARS)} …`;
}

/** The beginning of a text that is estimated to have at most `tokens`. */
function cutTo(text: string, tokens: number, estimate: (text: string) => number): string {
  const size = estimate(text);
  if (size <= tokens) return text;
  return `${text.slice(0, Math.floor(text.length * tokens / size))} …`;
}
