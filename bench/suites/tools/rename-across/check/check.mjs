import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as project from "./src/index.mjs";

assert.deepEqual(Object.keys(project).sort(), ["addUser", "getUser", "greetingFor"]);
project.addUser(7, "Alan");
assert.equal(project.getUser(7).name, "Alan");
assert.equal(project.greetingFor(7), "Dear Alan");
assert.equal(project.greetingFor(8), "Dear customer");
assert.equal(execFileSync(process.execPath, ["demo.mjs"], { encoding: "utf8" }), "Dear Ada\n");
for (const path of ["demo.mjs", ...readdirSync("src").map((name) => `src/${name}`)]) {
  assert.doesNotMatch(readFileSync(path, "utf8"), /(?:add|get)Usr/, path);
}
