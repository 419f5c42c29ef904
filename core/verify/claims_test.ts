import assert from "node:assert/strict";
import { EMPTY_LEDGER } from "../guard/ledger.ts";
import type { CommandRun, FileChange, Ledger } from "../types.ts";
import { claimsIn, unsupportedClaims } from "./claims.ts";

/** A text, and what it claims: kinds, files behind a colon. */
const LABELLED: readonly (readonly [string, readonly string[]])[] = [
  // Files.
  ["Created hello.py.", ["changed:hello.py"]],
  ["I created the file `hello.py` that prints hello world.", ["changed:hello.py"]],
  ["I have created a new file called src/app/main.ts.", ["changed:src/app/main.ts"]],
  ["I've updated a.py, b.py and c.py.", ["changed:a.py,b.py,c.py"]],
  ["Wrote README.md", ["changed:README.md"]],
  ["Renamed old.js and fixed the imports.", ["changed:old.js"]],
  ["The file `hello.py` has been created successfully.", ["changed:hello.py"]],
  ["config.toml was updated.", ["changed:config.toml"]],
  ["- Added `clamp` to utils.py", ["changed:utils.py"]],
  ["**Fixed** the off-by-one error in `src/queue.ts`.", ["changed:src/queue.ts"]],
  ["I removed the unused import in ./a/b.rs.", ["changed:./a/b.rs"]],
  ["I edited calc.py so add returns the sum.", ["changed:calc.py"]],
  ["Implemented slugify in text.js using Node.js.", ["changed:text.js"]],
  ["I fixed calc.py and created notes.md.", ["changed:calc.py,notes.md"]],
  ["Created a.py. Then I created b.py.", ["changed:a.py", "changed:b.py"]],
  // Checks.
  ["All tests pass.", ["passes"]],
  ["All tests pass now!", ["passes"]],
  ["The tests are passing.", ["passes"]],
  ["All 12 unit tests passed successfully.", ["passes"]],
  ["The test suite is green.", ["passes"]],
  ["The code now passes all tests.", ["passes"]],
  ["✅ Tests passed", ["passes"]],
  ["I fixed add, and the test passes now.", ["passes", "mended"]],
  ["I ran the tests and they all pass.", ["passes", "ran"]],
  ["I verified the change: the checks succeed.", ["passes"]],
  // Faults.
  ["I fixed the bug.", ["mended"]],
  ["Fixed.", ["mended"]],
  ["The issue has been resolved.", ["mended"]],
  ["The failing test is now fixed.", ["mended"]],
  ["I've successfully corrected the calculation.", ["mended"]],
  // Runs.
  ["I ran the script.", ["ran"]],
  ["I have also executed all the tests.", ["ran"]],
  // Other languages: of the files of a sentence, one is changed.
  ["Ich habe die Datei `hello.py` erstellt.", ["changed:hello.py"]],
  ["hello.py wurde erfolgreich angelegt.", ["changed:hello.py"]],
  ["Alle Tests bestehen.", ["passes"]],
  ["Alle Tests laufen durch!", ["passes"]],
  ["Der Fehler ist behoben.", ["mended"]],
  ["Ich habe den Fehler in calc.py korrigiert.", ["changed:calc.py"]],
  ["Ich habe die Tests ausgeführt.", ["ran"]],
  ["J'ai créé le fichier hello.py.", ["changed:hello.py"]],
  ["Le fichier `src/app.ts` a été mis à jour.", ["changed:src/app.ts"]],
  ["Tous les tests passent.", ["passes"]],
  ["Le bug a été corrigé.", ["mended"]],
  ["J’ai lancé les tests.", ["ran"]],
  ["He creado el archivo hello.py.", ["changed:hello.py"]],
  ["Se ha actualizado config.toml.", ["changed:config.toml"]],
  ["Todas las pruebas pasan.", ["passes"]],
  ["El error ha sido corregido.", ["mended"]],
  ["Ejecuté las pruebas.", ["ran"]],
  ["Criei o arquivo hello.py.", ["changed:hello.py"]],
  ["O arquivo hello.py foi criado com sucesso.", ["changed:hello.py"]],
  ["Todos os testes passaram.", ["passes"]],
  ["O erro foi corrigido.", ["mended"]],
  ["Executei os testes.", ["ran"]],
  ["已创建 hello.py。", ["changed:hello.py"]],
  ["我修改了 `src/calc.py`，所有测试都已通过。", ["changed:src/calc.py", "passes"]],
  ["问题已修复。", ["mended"]],
  ["我运行了测试。", ["ran"]],
  // and no claims in them.
  ["Ich werde hello.py erstellen.", []],
  ["Ich habe hello.py nicht erstellt.", []],
  ["Die Tests sollten jetzt bestehen.", []],
  ["Führe die Tests aus, um zu sehen, ob sie bestehen.", []],
  ["Die Datei test_calc.py enthält die Tests.", []],
  ["Du hast hello.py erstellt.", []],
  ["Je vais créer hello.py.", []],
  ["Je n'ai pas modifié hello.py.", []],
  ["Les tests devraient passer.", []],
  ["Si les tests passent, validez.", []],
  ["Voy a crear hello.py.", []],
  ["No he creado hello.py.", []],
  ["Las pruebas deberían pasar.", []],
  ["Para que las pruebas pasan, cambia a.py.", []],
  ["Vou criar hello.py.", []],
  ["Não criei hello.py.", []],
  ["Os testes devem passar.", []],
  ["He said he would look at hello.py.", []],
  ["我将创建 hello.py。", []],
  ["我没有修改 hello.py。", []],
  ["测试应该会通过。", []],
  ["请运行测试。", []],
  // No claims: plans, conditions, negations, questions, others' work, instructions, code, plain answers.
  ["I will create hello.py.", []],
  ["Let me fix the bug now.", []],
  ["I'm going to run the tests.", []],
  ["Next, I need to update calc.py.", []],
  ["If the tests pass, you can commit.", []],
  ["The tests should pass now.", []],
  ["Run the tests to verify that they pass.", []],
  ["Please make sure all tests pass.", []],
  ["I could not create hello.py.", []],
  ["I have not run the tests.", []],
  ["The tests were not run.", []],
  ["The tests fail.", []],
  ["No file was created.", []],
  ["The bug isn't fixed yet.", []],
  ["I tried to fix the bug, but the tests still fail.", []],
  ["Two of the tests fail, so the change was not made.", []],
  ["Do the tests pass?", []],
  ["Should I create hello.py?", []],
  ["You created hello.py yesterday.", []],
  ["The file config.json, which was created by npm, holds the names.", []],
  ["hello.py already existed.", []],
  ["calc.py was already updated.", []],
  ["calc.py adds two numbers.", []],
  ["The function in calc.py returns the fixed price.", []],
  ["It reads config.toml and passes the value to run().", []],
  ["Tests are in test_calc.py.", []],
  ["`add` passes its arguments to `sum`.", []],
  ["I updated calc.add to return the sum.", []],
  ["The project uses Node.js, created in 2009.", []],
  ["See https://example.com/a.py for what was created.", []],
  ["To fix it, change a.py.", []],
  ["Once fixed.py is created, run it.", []],
  ["```\nCreated hello.py\nAll tests pass\n```", []],
  ["```python\n# All tests pass", []],
  ["Here is how it would look when the tests pass.", []],
  ["I changed the loop so that the tests pass.", []],
  ["The change makes the tests pass.", []],
  ["", []],
  ["Done.", []],
  ["I added a check that the password is set.", []],
  ["The fixed width column is gone.", []],
];

for (const [text, expected] of LABELLED) {
  Deno.test(`claimsIn() of ${JSON.stringify(text)} is ${expected.join(" ") || "nothing"}`, () => {
    assert.deepEqual(
      claimsIn(text).map(({ kind, paths }) => paths ? `${kind}:${paths.names.join(",")}` : kind),
      expected,
    );
  });
}

const change = (path: string, kind: FileChange["kind"] = "edited"): FileChange => ({
  path,
  kind,
  linesAdded: 1,
  linesRemoved: 0,
  by: "tool",
});
const run = (exitCode: number, afterChanges = 1): CommandRun => ({
  command: "npm test",
  cwd: "/",
  exitCode,
  ms: 1,
  by: "model",
  isCheck: true,
  afterChanges,
});
const ledger = (changes: readonly string[], commands: readonly CommandRun[] = []): Ledger => ({
  changes: changes.map((path) => change(path)),
  commands,
  writes: changes.length,
});

const JUDGED: readonly (readonly [string, Ledger, readonly string[]])[] = [
  ["Created src/a.py.", ledger(["src/a.py"]), []],
  ["Created a.py.", ledger(["src/a.py"]), []],
  ["Created ./src/a.py.", ledger(["src/a.py"]), []],
  ["Created /home/me/project/src/a.py.", ledger(["src/a.py"]), []],
  ["Created a.py.", ledger(["b.py"]), ["a.py was not changed"]],
  ["Created a.py.", EMPTY_LEDGER, ["a.py was not changed"]],
  ["Created a.py and b.py.", ledger(["a.py"]), ["b.py was not changed"]],
  ["Created a.py, b.py and c.py.", ledger(["a.py"]), ["b.py and c.py were not changed"]],
  ["Moved f from a.py to b.py.", ledger(["b.py"]), []],
  ["Added f in b.py, as a.py has it.", ledger(["b.py"]), []],
  ["Fixed the bug in a.py.", ledger(["c.py"]), ["a.py was not changed"]],
  ["All tests pass.", ledger(["a.py"], [run(0)]), []],
  ["All tests pass.", ledger(["a.py"]), ["no test ran after the last change"]],
  ["All tests pass.", ledger(["a.py"], [run(0, 0)]), ["no test ran after the last change"]],
  ["All tests pass.", ledger(["a.py"], [run(1)]), ["`npm test` ends with exit code 1"]],
  ["All tests pass.", EMPTY_LEDGER, ["no test ran"]],
  ["I fixed it.", ledger(["a.py"]), []],
  ["I fixed it.", ledger(["a.py"], [run(1)]), ["`npm test` ends with exit code 1"]],
  ["I fixed it.", EMPTY_LEDGER, ["no file was changed"]],
  ["I ran the tests.", ledger(["a.py"], [run(1)]), []],
  ["I ran the tests.", ledger(["a.py"]), ["no command ran"]],
];

for (const [text, given, expected] of JUDGED) {
  const what = `${given.changes.map(({ path }) => path).join(" ")} ${
    given.commands.map(({ exitCode }) => exitCode)
  }`;
  Deno.test(`unsupportedClaims() of ${JSON.stringify(text)} with ${what} is ${expected.join("; ") || "nothing"}`, () => {
    const turn = { number: 1, task: "fix it", wantsChange: true, ledger: given };
    assert.deepEqual(unsupportedClaims(text, turn).map(({ why }) => why), expected);
  });
}

Deno.test("unsupportedClaims() lets an answer tell of an earlier turn", () => {
  const turn = { number: 2, task: "what did you do?", wantsChange: false, ledger: EMPTY_LEDGER };
  assert.deepEqual(unsupportedClaims("I created a.py, and all tests pass.", turn), []);
});
