/** `contract_create`: one more assertion of what must hold when the work is done. */

import { ToolError } from "../core/errors.ts";
import { addItem, contractLines } from "../core/plan/contract.ts";
import { defineTool } from "../core/tool.ts";
import type { Assertion } from "../core/types.ts";

export default defineTool({
  name: "contract_create",
  category: "plan",
  effect: "none",
  description: "Add a check to the contract: it must pass before the work is done.",
  parameters: (z) =>
    z.object({
      command: z.string().nullish(),
      file: z.string().nullish().describe("exists; or contains, lacks a text"),
      contains: z.string().nullish(),
      lacks: z.string().nullish(),
      remove: z.number().int().nullish().describe("number of your check"),
    }),
  example: { command: "npm test" },
  run: (args, { contract }) => {
    const before = contract.items;
    const { remove } = args;
    if (typeof remove === "number") {
      const item = before.find(({ id }) => id === remove);
      if (!item) throw new ToolError(`There is no check ${remove}. Checks:\n${listed(before)}`);
      if (item.by === "user") throw new ToolError(`Check ${remove} is the user's. Make it pass`);
      return Promise.resolve(answer(before.filter((one) => one !== item)));
    }
    return Promise.resolve(
      answer(asserted(args).reduce((items, one) => addItem(items, one, "model"), before)),
    );
  },
});

function asserted({ command, file, contains, lacks }: {
  readonly command?: string | null | undefined;
  readonly file?: string | null | undefined;
  readonly contains?: string | null | undefined;
  readonly lacks?: string | null | undefined;
}): readonly Assertion[] {
  const all: Assertion[] = [];
  if (command) all.push({ kind: "command", command });
  if (file && contains) all.push({ kind: "contains", path: file, text: contains });
  if (file && lacks) all.push({ kind: "lacks", path: file, text: lacks });
  if (file && !contains && !lacks) all.push({ kind: "exists", path: file });
  if (all.length > 0) return all;
  throw new ToolError(
    'A command or a file is needed, for example {"file": "README.md", "contains": "Usage"}',
  );
}

function listed(items: Parameters<typeof contractLines>[0]): string {
  return items.length === 0 ? "none" : contractLines(items).join("\n");
}

function answer(items: Parameters<typeof contractLines>[0]) {
  return {
    text: `Checked before the work counts as done:\n${listed(items)}`,
    summary: `${items.length} checks`,
    contract: { items },
  };
}
