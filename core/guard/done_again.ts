/** A model that writes again what stands already is done: small models end so, for want of the words. Pure. */

import type { CallRecord, Parsed } from "../types.ts";
import { callKey } from "./repetition.ts";

/**
 * The reply as an answer, where each of its calls is a write that succeeded since the last change and has been sent once more since; else
 * as it is.
 * @param records the turn's calls since the last change
 */
export function readDoneAgain(parsed: Parsed, records: readonly CallRecord[], said: string): Parsed {
  if (parsed.kind !== "calls" || parsed.problem) return parsed;
  const isDone = parsed.calls.every((call) => {
    const key = callKey(call);
    const same = records.filter((record) => record.key === key && record.effect === "write");
    return same.some(({ ok }) => ok) && same.some(({ ok }) => !ok);
  });
  return isDone ? { kind: "final", text: parsed.text.trim() === "" ? said : parsed.text } : parsed;
}
