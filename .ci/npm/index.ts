/** What the npm package exports, for Deno and for Node 22 and newer. */

import { SmallCode as Bound } from "../../main.ts";
import type * as types from "./types.ts";

export const SmallCode: typeof types.SmallCode = Bound;
export { VERSION } from "../../main.ts";
