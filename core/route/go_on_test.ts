import assert from "node:assert/strict";
import { asksForChange } from "./asks_for_change.ts";
import { classify } from "./classify.ts";
import { meantBy } from "./go_on.ts";
import { READ_ONLY } from "./select.ts";

const FIX = "fix the total in cart.py";
const LOOK = "what does cart.py do?";

Deno.test("meantBy() takes a bare yes or continue for the message before it", () => {
  for (
    const said of [
      "y",
      "Yes.",
      "yes please",
      "Go on!",
      "continue",
      "ok, continue",
      "ja",
      "weiter",
      "sí",
      "继续",
    ]
  ) {
    assert.equal(meantBy(said, [LOOK], "It sums."), LOOK, said);
    assert.equal(meantBy(said, [LOOK, FIX, "ok", "go on"], "It is half done."), FIX, said);
    assert.equal(meantBy(said, [], ""), said);
  }
});

Deno.test("meantBy() leaves every message that says more, and an ok that only hears", () => {
  for (const said of ["yes, fix it", "continue with the tests", "do it", "go ahead", "no", "", "?", "ok"]) {
    assert.equal(meantBy(said, [LOOK], "It sums."), said, said);
  }
  assert.equal(meantBy("ok", [FIX], "Done: total adds now."), "ok");
  assert.equal(meantBy("ok", [FIX], "Done. I can help with anything else, if you like."), "ok");
  assert.ok(!asksForChange("ok"), "it is talk then");
});

Deno.test("meantBy() takes a yes to what an answer offers, and a change that is offered for no less", () => {
  const changes = [
    "The sum ignores the amount. Shall I fix it?",
    "Do you want me to change it?",
    "I can also add a test, if you like.",
    "Would you like me to explain it first? Or should I rewrite it right away?",
    "It is wrong in line 3. Fix it there?",
    "Soll ich den Test reparieren?",
    "总价没有乘以数量。要我修复吗？",
    "Исправить?",
  ];
  for (const answer of changes) {
    for (const said of ["yes", "ok", "go on"]) {
      const meant = meantBy(said, [LOOK], answer);
      assert.ok(asksForChange(meant), answer);
      assert.ok(!READ_ONLY.includes(classify(meant).category), answer);
    }
  }
  const looks = ["It sums. Do you want me to explain the test?", "Shall I show you the callers?"];
  for (const answer of looks) assert.ok(!asksForChange(meantBy("yes", [FIX], answer)), answer);
});
