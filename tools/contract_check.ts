/** `contract_check`: the harness checks every assertion of the contract now. */

import { contractLines, openItems } from "../core/plan/contract.ts";
import { defineTool } from "../core/tool.ts";

export default defineTool({
  name: "contract_check",
  category: "plan",
  effect: "none",
  description: "Run the contract's checks.",
  parameters: (z) => z.object({}),
  example: {},
  async run(_, { contract }) {
    if (contract.items.length === 0) return { text: "No check is stated.", summary: "none" };
    const checked = await contract.check(contract.items);
    const open = openItems(checked.items).length;
    const end = open === 0 ? "All pass." : `${open} of ${checked.items.length} do not pass.`;
    return {
      text: `${contractLines(checked.items).join("\n")}\n${end}`,
      summary: `${checked.items.length - open} of ${checked.items.length} pass`,
      contract: checked,
    };
  },
});
