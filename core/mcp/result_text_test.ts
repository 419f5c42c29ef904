import assert from "node:assert/strict";
import { resultText } from "./result_text.ts";

Deno.test("resultText() gives texts as they are, and names what is no text", () => {
  const content = [
    { type: "text", text: "one\u001b[31m red\u001b[0m\r\ntwo" },
    { type: "image", data: "AAAA".repeat(1_000), mimeType: "image/png" },
    { type: "audio", data: "AAAA", mimeType: "audio/wav" },
    { type: "resource", resource: { uri: "note://1", mimeType: "text/plain", text: "the note" } },
    { type: "resource", resource: { uri: "note://2", blob: "AAAA" } },
    { type: "resource_link", name: "sketch", uri: "file:///a\nb" },
    { type: "hologram" },
    "nonsense",
  ];
  assert.equal(
    resultText({ content }),
    [
      "one red",
      "two",
      "[image (image/png), 3 kB: cannot be shown here]",
      "[audio (audio/wav), 1 kB: cannot be shown here]",
      "[note://1 (text/plain)]",
      "the note",
      "[note://2, 1 kB: cannot be shown here]",
      "[link: sketch file:///a b]",
      "[content of the kind hologram left out]",
      "[content of the kind unknown left out]",
    ].join("\n"),
  );
});

Deno.test("resultText() gives a structure where there is no text, and nothing of it beside one", () => {
  const structuredContent = { open: 2 };
  assert.equal(resultText({ content: [], structuredContent }), '{\n "open": 2\n}');
  assert.equal(resultText({ content: [{ type: "text", text: "two" }], structuredContent }), "two");
  assert.equal(resultText({ content: [] }), "");
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.equal(resultText({ content: [], structuredContent: deep }), "[a structure that is nested too deep]");
});

Deno.test("resultText() is bounded, and says what it left out", () => {
  const many = resultText({ content: Array(150).fill({ type: "text", text: "x" }) });
  assert.deepEqual(many.split("\n").slice(-2), ["x", "[50 more pieces left out]"]);
  const long = resultText({ content: [{ type: "text", text: "x".repeat(1_500_000) }] });
  assert.equal(long.slice(1_000_000), "\n[500000 more characters left out]");
});
