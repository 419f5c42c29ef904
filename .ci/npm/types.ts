/** The types of the npm package; `index.ts` is what they describe. */

import type { Agent, SmallCodeOptions } from "../../core/api.ts";

/** The agent with the bundled tools and profiles: `await new SmallCode({ baseUrl, model }).run("task")`. */
export declare const SmallCode: new (options?: SmallCodeOptions) => Agent;
export type SmallCode = Agent;
export declare const VERSION: string;
export type { RunResult, SmallCodeOptions } from "../../core/api.ts";
export type { Event } from "../../core/events.ts";
export type { Answer, Mode, Outcome, Question } from "../../core/types.ts";
