import assert from "node:assert/strict";
import { fakeManifest } from "./_fake_plugin.ts";
import { describeChange, describeParts, describeWishes, flat, wishesOf } from "./wishes.ts";

const NONE = { read: [], write: [], net: [], run: [], env: [] };

Deno.test("describeWishes() says in plain words what a plugin asks for", () => {
  for (
    const [permissions, words] of [
      [{}, "wants no access to files, network or commands"],
      [{ read: ["docs"] }, "wants to read ./docs"],
      [{ read: ["./docs"], net: ["api.example.com"] }, "wants to read ./docs and to talk to api.example.com"],
      [
        { read: ["."], write: ["~/notes"], net: ["*"], run: ["git status"], env: ["HOME"] },
        "wants to read all files of this folder, to write ~/notes, to talk to any public host, to run `git status` and to see the variable HOME",
      ],
    ] as const
  ) assert.equal(describeWishes(wishesOf({ ...NONE, ...permissions })), words);
});

Deno.test("flat() leaves nothing that could hide or turn what a person decides by", () => {
  assert.equal(flat("a\u001b[2K\nb\u202Ec\u200bd\te"), "a [2K b c d e");
  assert.equal(wishesOf({ ...NONE, net: ["a.com\r\nGrant it? y"] })[0], "talk to a.com Grant it? y");
});

Deno.test("describeParts() names what a plugin adds", () => {
  assert.equal(describeParts(fakeManifest("a")), "nothing");
  const command = { name: "do", description: "" };
  const text = { text: "x", languages: [] };
  assert.equal(
    describeParts(
      fakeManifest("a", { commands: [command], hooks: ["onPrompt", "afterTool"], prompts: [text] }),
    ),
    "command /do; hooks onPrompt, afterTool; text for the model",
  );
});

Deno.test("describeChange() shows what is new in its wishes, and what is not asked any more", () => {
  const before = { ...NONE, read: ["docs"], net: ["a.com"] };
  assert.equal(
    describeChange(before, { ...NONE, read: ["docs"], net: ["b.com"] }),
    "its files changed since you decided; new: talk to b.com; no longer: talk to a.com",
  );
  assert.match(describeChange(before, before), /; it asks for the same as before$/);
});
