/** Tool schemas as a head shows them: whole, or in brief where each parameter is dear. Pure. */

import type { EditFormat } from "../profile.ts";
import type { ToolSchema } from "../types.ts";

/** What goes to the server: nothing but what the protocol names. */
export function bareSchema({ name, description, parameters }: ToolSchema): ToolSchema {
  return { name, description, parameters };
}

/** The schema in brief, for the edit form that is asked for; the whole one where its author states none. */
export function briefSchema(schema: ToolSchema, editFormat: EditFormat): ToolSchema {
  const { name, parameters, brief } = schema;
  if (!brief) return bareSchema(schema);
  const shown = brief.forms?.[editFormat] ?? brief.parameters;
  return {
    name,
    description: brief.description,
    parameters: {
      type: "object",
      properties: Object.fromEntries(shown.map((key) => {
        const { description: _, ...property } = parameters.properties?.[key] ?? {};
        return [key, property];
      })),
      required: (parameters.required ?? []).filter((key) => shown.includes(key)),
    },
  };
}
