/** Which files decide what a test run tests, and whether a message asks to change them. Pure. */

import { posix } from "node:path";
import { isTestPath } from "../prompt/first_look.ts";

const SETUP =
  /^(?:conftest\.py|pytest\.ini|tox\.ini|(?:jest|vitest|karma|playwright)\.(?:config|setup)\.\w+|\.mocharc(?:\.\w+)?|\.rspec)$/;
/** Files of which a part decides. */
const PARTS = /^(?:package\.json|deno\.jsonc?|pyproject\.toml|setup\.cfg|(?:GNUm|m|M)akefile)$/;

/** Whether a file is a test, belongs to tests, or says how they run. */
export function decidesTests(path: string): boolean {
  const name = posix.basename(path);
  return isTestPath(path) || SETUP.test(name) || PARTS.test(name);
}

/** The part of a file's text that decides what is tested; two texts with the same part test the same. */
export function testPart(path: string, text: string): string {
  const name = posix.basename(path);
  if (isTestPath(path) || SETUP.test(name)) return text;
  if (/^(?:package|deno)\.jsonc?$/.test(name)) return jsonPart(text);
  if (/akefile$/.test(name)) return ruleOf(text);
  return text.split(/^(?=\[)/m).filter((section) => /^\[tool[.:](?:pytest|tox)/.test(section)).join("");
}

function jsonPart(text: string): string {
  try {
    const { scripts, tasks, jest, mocha, test } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    return JSON.stringify([scripts, tasks, jest, mocha, test]);
  } catch (error) {
    if (error instanceof SyntaxError) return text; // with comments, or broken: all of it counts
    throw error;
  }
}

/** The rules `test` and `check` of a makefile. */
function ruleOf(text: string): string {
  const lines = text.split("\n");
  const kept: string[] = [];
  let isIn = false;
  for (const line of lines) {
    if (/^\S/.test(line)) isIn = /^(?:test|check)[ \t]*:/.test(line);
    if (isIn) kept.push(line);
  }
  return kept.join("\n");
}

const CHANGE =
  "add|write|create|extend|update|change|adapt|adjust|rewrite|rename|remove|delete|drop|refactor|improve|move|convert|port|split|merge|skip|disable|expand|clean up|implement|generate|edit|modify";
/** Between the verb and its object no other clause may begin: "change add so that the tests pass" asks for no change of tests. */
const ASKS = new RegExp(
  `\\b(?:${CHANGE})\\s+(?:(?!(?:so|that|until|to|because|when|if|while|make|without|not|but|the code|for|in|from)\\b)[\\w./-]+[,\\s]+){0,5}?(?:(?:unit |integration |regression )?(?:tests?|specs?)(?: cases?| suites?| files?)?|test coverage)\\b(?!\\s+(?:pass|succeed|green|work|run)\\b)`,
  "i",
);
const FORBIDS =
  /\b(?:do not|don't|never|without) (?:\w+ )?(?:chang|touch|edit|modif|alter|weaken)\w* (?:\w+ ){0,3}?(?:tests?|specs?)\b/i;

/** Whether a message asks for changes of tests. Words like "fix the failing test" ask for the code to be mended. */
export function asksForTests(task: string): boolean {
  return !FORBIDS.test(task) && ASKS.test(task);
}
