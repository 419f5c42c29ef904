import assert from "node:assert/strict";

Deno.test("askPerson() takes a closed input for no", async () => {
  const script = `
    const { askLine, askPerson } = await import(${
    JSON.stringify(new URL("./ask_person.ts", import.meta.url).href)
  });
    const { signal } = new AbortController();
    console.log(await askPerson((text) => askLine(text, signal), { kind: "permission", what: "run: x", why: "" }));
  `;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdin: "null",
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stdout)], [0, "no\n"]);
});
