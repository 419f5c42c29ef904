/** A working plugin to begin with, and the declarations that its types come from. */

import { access, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readAsset } from "../core/assets.ts";
import { ConfigError } from "../core/errors.ts";
import type { World } from "./world.ts";

/**
 * Writes `plugins/NAME.ts` and, beside it, `plugins/smallcode.d.ts`.
 * @returns exit code 0
 * @throws {ConfigError} for a name that no plugin may have, or when the file is there already
 */
export async function newPlugin(name: string, world: World): Promise<number> {
  if (!/^[a-z][a-z0-9-]{1,39}$/.test(name)) {
    throw new ConfigError(`"${name}" is no name for a plugin: 2-40 of a-z, 0-9 and -, a letter first`);
  }
  const folder = resolve(world.cwd, "plugins");
  const path = join(folder, `${name}.ts`);
  if (await access(path).then(() => true, () => false)) throw new ConfigError(`"${path}" is there already`);
  await mkdir(folder, { recursive: true });
  const declarations = await readAsset(world.assets("contract/plugin.ts"));
  await writeFile(join(folder, "smallcode.d.ts"), declarations);
  await writeFile(path, exampleOf(name), { flag: "wx" });
  world.out(
    [
      `wrote plugins/${name}.ts and plugins/smallcode.d.ts (its types, for your editor)`,
      `  smallcode plugin test plugins/${name}.ts   says what is wrong with it`,
      `  smallcode trust && smallcode plugin grant ${name}   lets it take part`,
      "",
    ].join("\n"),
  );
  return 0;
}

/** Small, but with one of each kind that people begin with. */
export function exampleOf(name: string): string {
  const tool = name.replaceAll("-", "_");
  return `import type { Plugin } from "./smallcode.d.ts";

export default {
  name: "${name}",
  version: "1.0.0",
  description: "Counts the lines of a file.",
  permissions: { read: ["."] },
  tools: [{
    name: "${tool}_lines",
    description: "Count the lines of a file.",
    category: "read",
    effect: "read",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
    example: { path: "plugins/${name}.ts" },
    async run({ path }: { path: string }, { fs }) {
      const text = await fs.readText(path);
      const lines = text.split("\\n").length;
      return { text: \`\${path} has \${lines} lines\`, summary: \`\${lines} lines\` };
    },
  }],
  commands: [{
    name: "${name}",
    description: "say what lies in this folder",
    async run(_args, { fs }) {
      const entries = await fs.list(".");
      return entries.map(({ name, kind }) => \`\${kind.padEnd(6)} \${name}\`).join("\\n");
    },
  }],
} satisfies Plugin;
`;
}
