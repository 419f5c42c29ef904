/** node:test as it reports to people and as TAP, and deno test. Written against Node 20.20.2 and Deno 2.9.6. */

import { type Failure, failure, firstFrame, isOwn, sumOf, type TestRun, until } from "./reader.ts";

/** The list behind `✖ failing tests:`; a suite is not in it, its tests are. */
export function readNodeSpec(lines: readonly string[]): TestRun | undefined {
  if (!lines.some((line) => /^ℹ tests \d/.test(line))) return undefined;
  // A test that is to be written yet is in the list, too.
  if (lines.some((line) => /^ℹ fail 0$/.test(line))) return { failures: [], tests: nodeCount(lines, "ℹ") };
  const list = lines.slice(lines.findLastIndex((line) => /^✖ failing tests:/.test(line)) + 1);
  const failures: Failure[] = [];
  for (let i = 0; i + 1 < list.length; i++) {
    const place = /^test at (\S.*):(\d+):\d+$/.exec(list[i] ?? "");
    const title = /^✖ (\S.*?)(?: \([\d.]+ms\))?$/.exec(list[i + 1] ?? "")?.[1];
    if (!place || title === undefined) continue;
    const block = until(list, i + 2, /^test at \S/);
    failures.push(ofNode([place[1] ?? ""], title, `${place[1]}:${place[2]}`, block));
  }
  return { failures: withLoadErrors(failures, lines), tests: nodeCount(lines, "ℹ") };
}

/** A file that could not be loaded fails without a word; what it died of was printed before, in the same order. */
function withLoadErrors(failures: readonly Failure[], lines: readonly string[]): readonly Failure[] {
  const errors = lines.flatMap((line) => /^(?:# )?(\w*Error\b[^:]{0,60}: \S.*)$/.exec(line)?.[1] ?? []);
  return failures.map((one) => {
    const error = one.detail.length > 0 ? undefined : errors.shift();
    return error === undefined ? one : { ...one, detail: [error] };
  });
}

function ofNode(
  parents: readonly string[],
  title: string,
  declared: string | undefined,
  block: readonly string[],
): Failure {
  const own = parents.filter((parent) => parent !== title);
  const stack = block.filter((line) => /(?:^|\s)(?:at |\S+ \()\S.*:\d+:\d+\)?(?: \{)?$/.test(line))
    .map((line) => line.replace(/ \{$/, ""));
  const said = until(block, 0, /^\s+at \S/).filter((line) =>
    !/^\s*'(?:test failed|\d+ subtests? failed)'$/.test(line)
  );
  return failure([...own, title].join(" > "), firstFrame(stack) ?? declared, said);
}

function nodeCount(lines: readonly string[], mark: string): number {
  const count = (name: string) =>
    Number(
      lines.findLast((line) => line.startsWith(`${mark} ${name} `))?.slice(mark.length + name.length + 2) ??
        0,
    );
  return count("tests") - count("skipped") - count("todo");
}

/** `not ok 2 - name`, indented below its suite, with a YAML block. */
export function readTap(lines: readonly string[]): TestRun | undefined {
  const isNode = lines.some((line) => /^# tests \d/.test(line));
  if (!isNode && !lines.some((line) => /^TAP version \d/.test(line))) return undefined;
  const failures: Failure[] = [];
  const names: string[] = [];
  let points = 0;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const subtest = /^( *)# Subtest: (.*)$/.exec(line);
    if (subtest) names.splice((subtest[1] ?? "").length / 4, names.length, subtest[2] ?? "");
    const point = /^( *)(not )?ok \d+(?: -)? ?(.*)$/.exec(line);
    if (!point || / # (?:SKIP|TODO)\b/i.test(line)) continue;
    points++;
    if (point[2] === undefined) continue;
    const indent = (point[1] ?? "").length;
    const block = /^\s+---$/.test(lines[i + 1] ?? "") ? until(lines, i + 2, /^\s+\.\.\.$/) : [];
    if (block.some((one) => /failureType: 'subtestsFailed'/.test(one))) continue;
    const place = /location: '(.*):(\d+):\d+'/.exec(block.join("\n"));
    const title = point[3] ?? "";
    const parents = names.slice(0, indent / 4).filter((name) => name !== title);
    const file = place?.[1] !== undefined && isOwn(place[1]) ? [place[1]] : [];
    const error = errorOf(block);
    const stack = block.slice(block.findIndex((one) => /^\s+stack:/.test(one)) + 1);
    const found = ofNode([...file, ...parents], title, place ? `${place[1]}:${place[2]}` : undefined, stack);
    failures.push({ ...found, detail: failure("", undefined, error).detail });
  }
  return { failures: withLoadErrors(failures, lines), tests: isNode ? nodeCount(lines, "#") : points };
}

/** The text of `error:` in a YAML block, on its line or indented below it. */
function errorOf(block: readonly string[]): readonly string[] {
  const at = block.findIndex((line) => /^\s+error: /.test(line));
  if (at < 0) return [];
  const value = (block[at] ?? "").replace(/^\s+error: /, "");
  if (!/^[|>]/.test(value)) return value === "'test failed'" ? [] : [value.replace(/^['"]+|['"]+$/g, "")];
  const indent = /^\s*/.exec(block[at] ?? "")?.[0].length ?? 0;
  return until(block, at + 1, new RegExp(`^ {0,${indent}}\\S`));
}

/** `name => ./file:line:column` under ` ERRORS `, the error below it. */
export function readDeno(lines: readonly string[]): TestRun | undefined {
  const end = lines.findLastIndex((line) => /^(?:ok|FAILED) \| \d+ passed/.test(line));
  if (end < 0) return undefined;
  const begin = lines.findIndex((line) => /^ ERRORS ?$/.test(line));
  const list = begin < 0 ? [] : until(lines, begin + 1, /^ FAILURES ?$/);
  const header = /^(\S.*) => (?:\.\/)?(\S+):(\d+):\d+$/;
  const failures: Failure[] = [];
  for (let i = 0; i < list.length; i++) {
    const [, title = "", file = "", row = ""] = header.exec(list[i] ?? "") ?? [];
    if (file === "") continue;
    const block = until(list, i + 1, header);
    const said = until(block, 0, /^\s+at \S/).map((line) => line.replace(/^error: /, ""));
    failures.push(failure(`${file} > ${title}`, firstFrame(block) ?? `${file}:${row}`, said));
  }
  return { failures, tests: sumOf(lines[end] ?? "", "passed|failed") };
}
