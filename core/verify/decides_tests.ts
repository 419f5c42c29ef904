/** Which files decide what a test run tests. Pure. */

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
