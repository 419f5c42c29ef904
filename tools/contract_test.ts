import assert from "node:assert/strict";
import { addItem } from "../core/plan/contract.ts";
import { tempContext } from "./_temp_context.ts";
import check from "./contract_check.ts";
import create from "./contract_create.ts";
import status from "./contract_status.ts";
import plan from "./plan.ts";

Deno.test("contract_create says what is needed, and takes away only what the model stated", async () => {
  const contract = addItem(
    addItem([], { kind: "exists", path: "a" }, "user"),
    { kind: "exists", path: "b" },
    "model",
  );
  await using space = await tempContext({}, { contract });
  await assert.rejects(space.call(create, {}), /A command or a file is needed/);
  await assert.rejects(space.call(create, { remove: 9 }), /There is no check 9/);
  await assert.rejects(space.call(create, { remove: 1 }), /Check 1 is the user's/);
  assert.match(
    await space.call(create, { remove: 2 }),
    /^Checked before the work counts as done:\n1\. pending a exists$/,
  );
  assert.match(
    await space.call(create, { file: "c", contains: "x", lacks: "y" }),
    /3\. pending c contains "x".*\n4\. pending c lacks "y"/,
  );
});

Deno.test("contract_check and contract_status say so where nothing is stated", async () => {
  await using space = await tempContext();
  assert.equal(await space.call(check, {}), "No check is stated.");
  assert.equal(await space.call(status, {}), "No check is stated.");
});

Deno.test("plan needs two steps or the number of one", async () => {
  await using space = await tempContext();
  await assert.rejects(space.call(plan, { steps: ["one"] }), /At least 2 steps/);
  assert.equal(await space.call(plan, { done: 1 }), "Noted.");
  assert.equal(await space.call(plan, { steps: ["one", "two"] }), "Noted.");
});
