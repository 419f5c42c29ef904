/** The contract: the definition of done as assertions that the harness checks. Pure; `core/turn/check_contract.ts` runs the checks. */

import type { EventBody } from "../events.ts";
import type { Assertion, ContractItem } from "../types.ts";

/** More assertions than this are no definition of done. */
export const MAX_ITEMS = 20;

/** How an assertion is written in `/contract add`, for messages. */
export const ASSERTION_FORMS =
  "command: npm test | file: README.md exists | file: README.md contains Usage | file: app.py lacks TODO | file: old.py is gone";

/**
 * Reads `command: npm test`, `file: README.md contains Usage` and the like.
 * @throws {RangeError} with the forms that are understood
 */
export function readAssertion(text: string): Assertion {
  const command = /^(?:command|run|cmd):\s*(\S.*)$/is.exec(text.trim())?.[1];
  if (command !== undefined) return { kind: "command", command: command.trim() };
  const file = /^file:\s*(?:"([^"]+)"|'([^']+)'|`([^`]+)`|(\S+))\s*(.*)$/is.exec(text.trim());
  const path = file?.[1] ?? file?.[2] ?? file?.[3] ?? file?.[4];
  const claim = file?.[5]?.trim() ?? "";
  if (path === undefined) throw new RangeError(`Cannot read "${text}". Forms: ${ASSERTION_FORMS}`);
  if (claim === "" || /^exists?$/i.test(claim)) return { kind: "exists", path };
  if (/^(?:is gone|does ?n[o']t exist|does not exist|not exists?|missing|is missing)$/i.test(claim)) {
    return { kind: "gone", path };
  }
  const lacks = /^(?:lacks?|without|not contains?|does ?n[o']t contain|does not contain)\s+(\S.*)$/is.exec(
    claim,
  )?.[1];
  if (lacks !== undefined) return { kind: "lacks", path, text: unquote(lacks) };
  const contains = /^contains?\s+(\S.*)$/is.exec(claim)?.[1];
  if (contains !== undefined) return { kind: "contains", path, text: unquote(contains) };
  throw new RangeError(`Cannot read "${claim}". Forms: ${ASSERTION_FORMS}`);
}

function unquote(text: string): string {
  return /^(["'`])(.+)\1$/s.exec(text.trim())?.[2] ?? text.trim();
}

/** The assertion in words, e.g. `README.md contains "Usage"`. */
export function describeAssertion(assertion: Assertion): string {
  switch (assertion.kind) {
    case "command":
      return `\`${assertion.command}\` succeeds`;
    case "exists":
      return `${assertion.path} exists`;
    case "gone":
      return `${assertion.path} is gone`;
    case "contains":
    case "lacks":
      return `${assertion.path} ${assertion.kind} ${JSON.stringify(assertion.text)}`;
  }
}

/**
 * The contract with one more assertion; one that is in it already is not added twice.
 * @throws {RangeError} when it is full
 */
export function addItem(
  items: readonly ContractItem[],
  assertion: Assertion,
  by: ContractItem["by"],
): readonly ContractItem[] {
  if (items.some((item) => describeAssertion(item.assertion) === describeAssertion(assertion))) return items;
  if (items.length >= MAX_ITEMS) {
    throw new RangeError(`Cannot add to the contract: it has ${MAX_ITEMS} assertions`);
  }
  const id = Math.max(0, ...items.map((item) => item.id)) + 1;
  return [...items, { id, by, assertion, state: "pending", detail: "" }];
}

/** Nothing is known of the files any more: what passed is to be checked again. */
export function unsettle(items: readonly ContractItem[]): readonly ContractItem[] {
  return items.every(({ state }) => state === "pending")
    ? items
    : items.map((item) => ({ ...item, state: "pending", detail: "" }));
}

/** Assertions that are not known to hold. */
export function openItems(items: readonly ContractItem[]): readonly ContractItem[] {
  return items.filter(({ state }) => state !== "passed");
}

/** One line an assertion: number, state, words, the first line of why. */
export function contractLines(items: readonly ContractItem[]): readonly string[] {
  return items.map(({ id, state, assertion, detail, by }) =>
    `${id}. ${state.padEnd(7)} ${describeAssertion(assertion)}${by === "model" ? " (by the model)" : ""}${
      detail === "" ? "" : `: ${detail.split("\n")[0]}`
    }`
  );
}

/** The contract as a session's events tell of it, for resuming. */
export function lastContract(events: readonly EventBody[]): readonly ContractItem[] {
  const last = events.findLast((event) => event.type === "contract");
  return last ? unsettle(last.items) : [];
}
