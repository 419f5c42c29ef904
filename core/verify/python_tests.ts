/** How Python's tests are found: by `unittest`, which has rules of its own, or by `pytest`. Pure. */

import { posix } from "node:path";

const TEST = /(^|\/)(test_[^/]*|[^/]*_test)\.py$/;
/** Names that unittest looks for. */
const FOUND = /(^|\/)test[^/]*\.py$/;
/** Folders with tests of their own; more are a project that names its runner. */
const MAX_STARTS = 3;
/** Test files that are read for how they are written. */
const MAX_READ = 10;

/**
 * What goes behind `python3 -m unittest` so that it finds the tests, one entry a run; `undefined` where there are none.
 *
 * `discover` goes into packages only (folders with `__init__.py`), and takes the start folder for the top of all imports unless it is told
 * another; the folder where it was called is on the path in any case.
 */
export function unittestCommand(paths: readonly string[]): readonly string[] | undefined {
  const tests = paths.filter((path) => TEST.test(path) && /^[\w./@+-]+$/.test(path));
  if (tests.length === 0) return undefined;
  const known = new Set(paths);
  const isPackage = (folder: string) => known.has(`${folder}/__init__.py`);
  const named = tests.filter((path) => FOUND.test(path));
  const pattern = named.length > 0 ? "" : " -p '*_test.py'";
  const starts = [
    ...new Set((named.length > 0 ? named : tests).map((path) => startOf(posix.dirname(path), isPackage))),
  ];
  // A package is found from the folder that it lies in.
  const outer = starts.filter((start) => !(isPackage(start) && starts.includes(posix.dirname(start))));
  return outer.slice(0, MAX_STARTS).map((start) => {
    if (start === ".") return pattern === "" ? "" : ` discover${pattern}`;
    return ` discover -s ${start}${isPackage(start) ? ` -t ${posix.dirname(start)}` : ""}${pattern}`;
  });
}

/** The outermost package around tests, or their folder where it is none. */
function startOf(folder: string, isPackage: (folder: string) => boolean): string {
  let start = folder;
  while (isPackage(start) && isPackage(posix.dirname(start))) start = posix.dirname(start);
  return start;
}

/** Whether tests are written for pytest, where no configuration says so: functions beside no class of unittest. */
export async function usesPytest(
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<boolean> {
  for (const path of paths.filter((path) => TEST.test(path)).slice(0, MAX_READ)) {
    const text = await read(path);
    if (/^\s*(?:import|from) pytest\b/m.test(text)) return true;
    if (/^(?:async )?def test_/m.test(text) && !/\bunittest\b/.test(text)) return true;
  }
  return false;
}
