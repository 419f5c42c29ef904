import assert from "node:assert/strict";
import { findIsolation } from "./check.ts";
import { listSuites, loadSuite, missingPrograms } from "./task.ts";
import { checkOptions, SUITES } from "./_test_setup.ts";
import { verifyTask } from "./verify.ts";

Deno.test("loadSuite() loads every task of every suite, in the numbers that the page says", async () => {
  const counts = await Promise.all(
    (await listSuites(SUITES)).map(async (suite) => [suite, (await loadSuite(SUITES, suite)).length]),
  );
  assert.deepEqual(counts, [["polyglot", 19], ["smoke", 5], ["steps", 6], ["tools", 10], ["weak", 12]]);
});

Deno.test("loadSuite() names what there is when suite or task is unknown", async () => {
  await assert.rejects(loadSuite(SUITES, "none"), /Unknown suite "none"; there are: polyglot, smoke/);
  await assert.rejects(
    loadSuite(SUITES, "smoke", ["none"]),
    /Unknown task "none" in suite "smoke"; there are: add-endpoint/,
  );
});

Deno.test("verifyTask() skips a task whose programs are missing, which is no proof", async () => {
  const [task] = await loadSuite(SUITES, "weak", ["fix-sum"]);
  assert.ok(task);
  const options = { ...checkOptions("none"), env: { PATH: "/nonexistent" } };
  assert.deepEqual(await verifyTask(task, options), {
    suite: "weak",
    task: "fix-sum",
    state: "skipped",
    problems: ["node is missing"],
  });
});

Deno.test("verifyTask() proves smoke and weak: the solution passes, start and wrong results fail", async () => {
  const isolation = await findIsolation(checkOptions("none"));
  const options = checkOptions(isolation);
  const tasks = (await Promise.all(["smoke", "weak"].map((suite) => loadSuite(SUITES, suite)))).flat();
  for (const task of tasks.filter((task) => missingPrograms(task, options.env.PATH ?? "").length === 0)) {
    const { state, problems } = await verifyTask(task, options);
    assert.deepEqual({ task: task.name, state, problems }, {
      task: task.name,
      state: "proved",
      problems: [],
    });
  }
});
