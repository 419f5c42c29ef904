import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../core/errors.ts";
import { serverArgv } from "../core/mcp/_test_server.ts";
import { bundle } from "../main.ts";
import { inSetupWorld } from "./_setup_world.ts";
import { mcpCommand } from "./mcp.ts";

const [command, ...args] = serverArgv("tickets");
/** Outside the sandbox, which does not see a checkout below /tmp. */
const TOML = `[mcp.tickets]
command = ${JSON.stringify(command)}
args = ${JSON.stringify(args)}
sandbox = false
tools = ["get_ticket", "addNote"]

[mcp.off]
enabled = false
`;

Deno.test("smallcode mcp list: nothing of an untrusted folder, nothing unasked, then the tools", () =>
  inSetupWorld({}, async ({ world, written, project }) => {
    const { env: { PATH = "" } } = bundle();
    const here = { ...world, env: { ...world.env, PATH } };
    const list = async (flags: { trust?: boolean; yes?: boolean; mode?: string }, json = false) => {
      written.out = written.err = "";
      const code = await mcpCommand("list", { flags, json }, here);
      return { code, out: written.out };
    };
    assert.match((await list({})).out, /^There is no MCP server here: \[mcp\.NAME\]/);
    await writeFile(join(project, "smallcode.toml"), TOML);
    const untrusted = await list({ yes: true });
    assert.equal(untrusted.code, 0);
    assert.match(untrusted.out, /^tickets +not trusted +\.\/smallcode\.toml:1\n +this folder is not trusted/);
    const unasked = await list({ trust: true });
    assert.equal(unasked.code, 1);
    assert.match(
      unasked.out,
      /^tickets +not started .*\n +its start was not permitted \(a yes, an allow rule or --yes\)\noff +off/,
    );
    const listed = await list({ trust: true, yes: true });
    assert.equal(listed.code, 0);
    assert.match(
      listed.out,
      /^tickets +on .*\n {2}mcp_tickets_get_ticket \(says it only reads\): Read a ticket by its number\.\n {2}mcp_tickets_add_note: Add/,
    );
    const [tickets] = JSON.parse((await list({ trust: true, yes: true }, true)).out);
    assert.deepEqual([tickets.state, tickets.tools.length, tickets.tools[0].inner], ["on", 2, "get_ticket"]);
    await assert.rejects(mcpCommand("start", { flags: {}, json: false }, here), ConfigError);
  }));
