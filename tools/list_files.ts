/** `list_files`: what a folder holds. */

import { defineTool } from "../core/tool.ts";
import { listFolder } from "./_list_folder.ts";

export default defineTool({
  name: "list_files",
  category: "search",
  effect: "read",
  isPure: true,
  description: "List a folder, git-ignored files left out.",
  parameters: (z) =>
    z.object({
      path: z.string().nullish().describe("default: the project"),
      depth: z.number().int().min(1).max(20).nullish().describe("levels, default 2"),
    }),
  brief: { description: "List a folder.", parameters: ["path"] },
  example: { path: "." },
  run: ({ path, depth }, context) => listFolder(path || ".", depth ?? 2, context),
});
