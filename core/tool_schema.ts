/** What a model is told of a tool's parameters, from their zod shape. In the bundle a table stands in its place: see `.ci/make_bundle.ts`. */

import { z } from "zod";

export type Zod = typeof z;

/** Gives the shape; it is built when it is asked for, with the zod that is handed in, so that a tool's file loads no library. */
export type Parameters<Shape extends z.ZodType = z.ZodType> = (zod: Zod) => Shape;

/** JSON Schema of what a call may hold. @param _name of the tool, by which the bundle finds it */
export function schemaOf(_name: string, parameters: Parameters): unknown {
  return z.toJSONSchema(parameters(z), { io: "input" });
}
