import assert from "node:assert/strict";
import { callCommand, callTool, openTestHost } from "./_test_host.ts";
import plugin from "./bonescript.ts";

const MISSING = /not installed.*npm install -g bonescript-compiler/s;

Deno.test("bone_check and bone_compile call the user's compiler and give what it says", async () => {
  const said: string[] = [];
  await using host = await openTestHost({
    programs: { bonec: (args) => (said.push(args.join(" ")), { exitCode: 0, output: "3 modules\n" }) },
  });
  assert.deepEqual(await callTool(plugin, "bone_check", { path: "shop.bone" }, host), { text: "3 modules" });
  await callTool(plugin, "bone_compile", { path: "shop.bone" }, host);
  await callTool(plugin, "bone_compile", { path: "shop.bone", target: "express" }, host);
  assert.deepEqual(said, [
    "check shop.bone",
    "compile shop.bone --target sqlite",
    "compile shop.bone --target express",
  ]);
});

Deno.test("bone_check gives the compiler's mistakes, and says how to install it where there is none", async () => {
  await using wrong = await openTestHost({
    programs: { bonec: () => ({ exitCode: 1, output: "3:5 unknown type strng" }) },
  });
  await assert.rejects(
    callTool(plugin, "bone_check", { path: "a.bone" }, wrong),
    /^Error: 3:5 unknown type strng$/,
  );
  await using none = await openTestHost();
  await assert.rejects(callTool(plugin, "bone_check", { path: "a.bone" }, none), MISSING);
});

Deno.test("bonescript adds the form to a message that asks for a whole backend, where there is a compiler", async () => {
  const programs = { bonec: () => ({ exitCode: 0, output: "" }) };
  await using host = await openTestHost({ programs });
  for (
    const text of [
      "Create a full-stack shop with login",
      "build a REST API for notes",
      "Write a backend for a game",
    ]
  ) {
    const decision = await plugin.hooks.onPrompt({ text }, host);
    assert.match(decision?.add ?? "", /system Shop \{/, text);
  }
  for (const text of ["fix the failing test", "what is a backend?", "rename the api module"]) {
    assert.equal(await plugin.hooks.onPrompt({ text }, host), undefined, text);
  }
  await using none = await openTestHost();
  assert.equal(await plugin.hooks.onPrompt({ text: "build a REST API" }, none), undefined);
});

Deno.test("/bone shows the form, and makes a task of what the backend is for", async () => {
  await using host = await openTestHost();
  assert.match(await callCommand(plugin, "", host), /system Shop/);
  assert.match(await callCommand(plugin, "a shop", host), /^Build this backend: a shop\n[^]*bone_compile/);
});
