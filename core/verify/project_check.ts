/** A check that a project brings. */

import type { CheckKind } from "../types.ts";

/** One command that says whether the project is sound. */
export interface ProjectCheck {
  readonly kind: CheckKind;
  readonly command: string;
  /** The same for some files: `{files}` stands for their paths, `{folders}` for their folders. Absent: it cannot. */
  readonly perFile?: string;
  /** What says so, e.g. `package.json`. */
  readonly from: string;
  /** The folder below the workspace that it is about and starts in; absent: the workspace. */
  readonly folder?: string;
  /** A program that it needs and that is not there: the check is listed and not run. */
  readonly missing?: string;
}
