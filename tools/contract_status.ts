/** `contract_status`: the contract as it was last checked. */

import { contractLines } from "../core/plan/contract.ts";
import { defineTool } from "../core/tool.ts";

export default defineTool({
  name: "contract_status",
  category: "plan",
  effect: "none",
  description: "Show the contract's checks.",
  parameters: (z) => z.object({}),
  example: {},
  run: (_, { contract }) => {
    const { items } = contract;
    const text = items.length === 0 ? "No check is stated." : contractLines(items).join("\n");
    return Promise.resolve({ text, summary: `${items.length} checks` });
  },
});
