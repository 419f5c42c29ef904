/** RSpec, and JUnit's XML as many runners write it. Written against RSpec 3.12 and the XML of pytest 9.2.0 and vitest 4.1.12. */

import { type Failure, failure, firstFrame, isOwn, sumOf, type TestRun, until } from "./reader.ts";

/** `  1) name` under `Failures:`, the place as a comment below it. */
export function readRspec(lines: readonly string[]): TestRun | undefined {
  const counts = lines.findLast((line) => /^\d+ examples?, \d+ failures?/.test(line));
  if (counts === undefined) return undefined;
  const begin = lines.findIndex((line) => /^Failures:$/.test(line));
  const list = begin < 0 ? [] : until(lines, begin + 1, /^Finished in /);
  const failures: Failure[] = [];
  for (let i = 0; i < list.length; i++) {
    const title = /^ {2}\d+\) (\S.*)$/.exec(list[i] ?? "")?.[1];
    if (title === undefined) continue;
    const block = until(list, i + 1, /^ {2}\d+\) \S/);
    const places = block.flatMap((line) => {
      const [, path = "", row] = /^\s+# (?:\.\/)?(\S+):(\d+):in/.exec(line) ?? [];
      return path !== "" && isOwn(path) ? [`${path}:${row}`] : [];
    });
    failures.push(failure(title, places[0], until(block, 0, /^\s+# \S/)));
  }
  return { failures, tests: sumOf(counts, "examples?") - sumOf(counts, "pending") };
}

/** Test cases of all suites; a case that was skipped did not run. */
export function readJunitXml(lines: readonly string[]): TestRun | undefined {
  if (!lines.some((line) => line.includes("<testsuite"))) return undefined;
  const cases = lines.join("\n").split("<testcase ").slice(1);
  const ran = cases.map((text) => text.split("</testcase>", 1)[0] ?? "").filter((text) =>
    !text.includes("<skipped")
  );
  const failures = ran.filter((text) => /<(?:failure|error)\b/.test(text)).map((text) => {
    const body = text.slice(text.search(/<(?:failure|error)\b/));
    const name = [attribute(text, "classname"), attribute(text, "name")].filter(Boolean).join(" > ");
    const said = decode(attribute(body, "message") ?? body.replace(/<[^>]{0,1000}>/g, ""));
    const plain = decode(body).split("\n");
    return failure(name, firstFrame(plain) ?? pythonPlace(plain), said.split("\n"));
  });
  return { failures, tests: ran.length };
}

function pythonPlace(lines: readonly string[]): string | undefined {
  const places = lines.flatMap((line) => {
    const [, path = "", row] = /^(\S[^:\s]{0,300}\.py):(\d+): /.exec(line) ?? [];
    return path !== "" && isOwn(path) ? [`${path}:${row}`] : [];
  });
  return places.at(-1);
}

function attribute(text: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(text)?.[1];
  return found === undefined ? undefined : decode(found);
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
  "#10": "\n",
};

function decode(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp|#10);/g, (_, name: string) => ENTITIES[name] ?? "");
}
