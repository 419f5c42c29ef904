import assert from "node:assert/strict";
import { callCommand, callTool, openTestHost } from "./_test_host.ts";
import plugin from "./http-notes.ts";

Deno.test("http_try shows the answer, and /http-notes what was seen", async () => {
  await using host = await openTestHost({
    pages: { "http://localhost:8000/health": { body: '{"ok": true}' } },
  });
  assert.equal(await callCommand(plugin, "", host), "No address was tried yet.");
  assert.deepEqual(await callTool(plugin, "http_try", { url: "http://localhost:8000/health" }, host), {
    text: 'GET http://localhost:8000/health: 200\n{"ok": true}',
    summary: "GET http://localhost:8000/health: 200",
  });
  await callTool(plugin, "http_try", { url: "http://localhost:8000/nothing" }, host);
  assert.equal(
    await callCommand(plugin, "", host),
    "GET http://localhost:8000/health: 200\nGET http://localhost:8000/nothing: 404",
  );
  await callCommand(plugin, "clear", host);
  assert.equal(await callCommand(plugin, "", host), "No address was tried yet.");
});
