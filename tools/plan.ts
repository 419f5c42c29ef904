/** `plan`: the model lays its plan, writes it anew, or says that a step is done. */

import { ToolError } from "../core/errors.ts";
import { defineTool } from "../core/tool.ts";

export default defineTool({
  name: "plan",
  category: "plan",
  effect: "none",
  description: "Write or change the plan, or mark a step as done.",
  parameters: (z) =>
    z.object({
      steps: z.array(z.string()).nullish().describe("2 to 8 short lines"),
      done: z.number().int().nullish(),
    }),
  example: { steps: ["add the function", "run the tests"] },
  run: ({ steps, done }) => {
    const given = (steps ?? []).filter((step) => step.trim() !== "");
    if (given.length < 2 && typeof done !== "number") {
      throw new ToolError('At least 2 steps are needed, or the number of a step that is done: {"done": 1}');
    }
    const plan = {
      ...(given.length >= 2 ? { steps: given } : {}),
      ...(typeof done === "number" ? { done } : {}),
    };
    return Promise.resolve({
      text: "Noted.",
      summary: given.length >= 2 ? `${given.length} steps` : `step ${done}`,
      plan,
    });
  },
});
