/** unittest and pytest. Written against CPython 3.11.7 and pytest 9.2.0. */

import { type Failure, failure, isOwn, type TestRun, until } from "./reader.ts";

/** `FAIL: test_add (tests.test_calc.CalcTest.test_add)`, a traceback below it. */
export function readUnittest(lines: readonly string[]): TestRun | undefined {
  const ran = lines.findLastIndex((line) => /^Ran \d+ tests? in /.test(line));
  if (ran < 0) return undefined;
  const failures: Failure[] = [];
  for (let i = 0; i < ran; i++) {
    const name = /^(?:FAIL|ERROR): (\S.*)$/.exec(lines[i] ?? "")?.[1];
    if (name === undefined || !/^={20,}$/.test(lines[i - 1] ?? "")) continue;
    const block = until(lines.slice(0, ran), i + 1, /^={20,}$/);
    failures.push(failure(name, lastPythonFrame(block), [...sourceOf(block), ...exceptionOf(block)]));
    i += block.length;
  }
  const skipped = /\bskipped=(\d+)/.exec(lines.slice(ran).join(" "))?.[1] ?? 0;
  return { failures, tests: Number(/\d+/.exec(lines[ran] ?? "")?.[0]) - Number(skipped) };
}

/** The last frame of a traceback that lies in the project: where an exception came from, or the assertion. */
export function lastPythonFrame(lines: readonly string[]): string | undefined {
  const frames = lines.map((line) => /^ *File "([^"]+)", line (\d+)/.exec(line))
    .flatMap((found) => found?.[1] !== undefined && isOwn(found[1]) ? [`${found[1]}:${found[2]}`] : []);
  return frames.at(-1);
}

/** The source line of that frame. */
function sourceOf(block: readonly string[]): readonly string[] {
  const frame = block.findLastIndex((line) => {
    const path = /^ *File "([^"]+)", line \d+/.exec(line)?.[1];
    return path !== undefined && isOwn(path);
  });
  const line = frame < 0 ? undefined : block[frame + 1];
  return line === undefined || !/^ {4}/.test(line) ? [] : [line];
}

/** The exception's own lines: behind the traceback's last indented one. */
export function exceptionOf(block: readonly string[]): readonly string[] {
  const frame = block.findLastIndex((line) => /^ +File "/.test(line));
  const from = block.findIndex((line, i) => i > frame && /^\S/.test(line));
  return from < 0 ? block : block.slice(from);
}

const SUMMARY =
  /^=* ?(?:no tests ran|\d+ (?:failed|passed|errors?|skipped|deselected|xfailed|xpassed|warnings?)\b).* in [\d.]+s/;
const SHORT = /^(?:FAILED|ERROR|SUBFAIL(?:ED)?(?:\(([^)]*)\))?) (\S.*)$/;

/** The short summary names the failures; the sections above it say where and why. */
export function readPytest(lines: readonly string[]): TestRun | undefined {
  const end = lines.findLastIndex((line) => SUMMARY.test(line));
  if (end < 0) return undefined;
  const sections = readSections(lines.slice(0, end));
  const failures: Failure[] = [];
  for (const line of lines.slice(0, end)) {
    const [, sub, rest] = SHORT.exec(line) ?? [];
    if (rest === undefined || !/\.py\b/.test(rest)) continue;
    const cut = rest.indexOf(" - ");
    const id = cut < 0 ? rest : rest.slice(0, cut);
    const title = id.includes("::") ? id.slice(id.indexOf("::") + 2).replaceAll("::", ".") : id;
    const section = sections.get(sub === undefined ? title : `${title} (${sub})`)?.shift();
    const detail = section?.detail.length ? section.detail : cut < 0 ? [] : [rest.slice(cut + 3)];
    failures.push(failure(sub === undefined ? id : `${id} (${sub})`, section?.at, detail));
  }
  const unnamed = failures.length > 0
    ? []
    : [...sections].flatMap(([title, found]) => found.map(({ at, detail }) => failure(title, at, detail)));
  return {
    failures: [...failures, ...unnamed],
    tests: sumOfPytest(lines[end] ?? ""),
  };
}

function sumOfPytest(line: string): number {
  return [...line.matchAll(/\b(\d{1,7}) (?:failed|passed|errors?|xpassed)\b/g)]
    .reduce((sum, match) => sum + Number(match[1]), 0);
}

interface Section {
  at: string | undefined;
  source?: string;
  readonly detail: string[];
}

/** By title, e.g. `CalcTest.test_add`; several files may have one of the same title. */
function readSections(lines: readonly string[]): Map<string, Section[]> {
  const sections = new Map<string, Section[]>();
  let current: Section | undefined;
  for (const line of lines) {
    const title = /^_{3,} (\S.*?) _{3,}$/.exec(line)?.[1];
    if (title !== undefined) {
      current = { at: undefined, detail: [] };
      const key = title.replace(/^ERROR (?:at (?:setup|teardown) of|collecting) /, "");
      sections.set(key, [...sections.get(key) ?? [], current]);
    } else if (/^={3,} /.test(line)) current = undefined;
    if (!current) continue;
    const place = /^(\S[^:\s]*\.py):(\d+): /.exec(line);
    if (place?.[1] !== undefined && isOwn(place[1])) current.at = `${place[1]}:${place[2]}`;
    // The line that failed: the last one before what it failed with.
    const source = /^(?:> {3,}| {4})(\S.*)$/.exec(line)?.[1];
    if (source !== undefined && !/^[~^]+$/.test(source)) current.source = source;
    if (!/^E {3}/.test(line)) continue;
    if (current.detail.length === 0 && current.source !== undefined) current.detail.push(current.source);
    current.detail.push(line.slice(1));
  }
  return sections;
}
