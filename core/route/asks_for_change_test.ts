import assert from "node:assert/strict";
import { asksForChange } from "./asks_for_change.ts";

Deno.test("asksForChange() takes a question for a question and everything else for a task", () => {
  for (
    const task of [
      "Create hello.py that prints hello world",
      "fix the failing test",
      "The total is wrong.",
      "can you rename x to y?",
      "What is wrong here? Explain and fix it",
      "mach den Test grün",
      "round_up in money.py should round instead of cutting off",
      "let users change their password",
      "say hi in the footer of index.html",
      "no, rename it to total instead",
      "cancel the timer when the page is left",
    ]
  ) assert.equal(asksForChange(task), true, task);
  for (
    const task of [
      "What does cart.py do?",
      "explain how the parser works",
      "Is there a test for this?",
      "Can you explain what total does?",
      "Was macht diese Funktion?",
      "say hi",
      "Say hello!",
      "just explain it instead of changing it",
      "n",
      "No.",
      "nope, thanks",
      "never mind",
      "cancel that",
      "nein danke",
    ]
  ) assert.equal(asksForChange(task), false, task);
});

Deno.test("asksForChange() takes the use of a tool that changes nothing for a look, and nothing more than that", () => {
  const readers = ["word_count", "todo_scan"];
  const looks = [
    "Use word_count on notes.txt",
    "use the word_count tool on notes.txt and tell me the number",
    "Please use word_count for notes.txt, then explain it",
    "call word_count",
    "Use `todo_scan` to find what is left",
    "apply word_count to notes.txt",
  ];
  const changes = [
    "Use word_count on notes.txt and write the number to count.txt",
    "Use word_count to fix the header",
    "use word_count in main.py",
    "use word_count instead of len(text)",
    "Use todo_scan on src, then remove what it finds",
    "use word_count on notes.txt. Add the number at its top",
    "Use other_tool on notes.txt",
  ];
  assert.deepEqual(looks.filter((text) => asksForChange(text, readers)), []);
  assert.deepEqual(changes.filter((text) => !asksForChange(text, readers)), []);
  assert.ok(asksForChange("Use word_count on notes.txt", []), "no tool of that name");
});

Deno.test("asksForChange() obeys a ban of every change, unless a change is asked for beside it", () => {
  const looks = [
    "Use other_tool on notes.txt and tell me, change nothing",
    "the total is wrong. Just tell me why, do not change anything",
    "Use other_tool on notes.txt. Just tell me the number.",
    "login is slow, only tell me why",
    "Just tell me, change nothing.",
    "total of cart.py ist falsch, nichts ändern bitte",
  ];
  const changes = [
    "fix cart.py, change nothing else",
    "rename total to sum. Do not change anything in the tests",
    "fix the bug and change nothing",
    "make it faster, no changes to the api",
    "login crashes. Just show a message instead",
    "fix the total and just tell me what it was",
    "the form is wrong, just tell the user which field is missing",
  ];
  assert.deepEqual(looks.filter((text) => asksForChange(text)), []);
  assert.deepEqual(changes.filter((text) => !asksForChange(text)), []);
});

Deno.test("asksForChange() knows what only wants to be told in scripts that its word lists do not have, and doubts the rest", () => {
  const looks = [
    "解释一下cart.py",
    "请告诉我src/user.py是干什么的。谢谢。",
    "cart.pyを説明して",
    "parse_date()を教えてください",
    "cart.py 설명해줘",
    "объясни что делает cart.py",
    "什么是闭包？",
  ];
  const changes = [
    "请修复cart.py里的错误",
    "解释cart.py并修复它",
    "解释器崩溃了",
    "说明文档更新一下",
    "解释一下 then fix it",
    "cart.pyを直して",
    "cart.pyを説明して直して",
    "cart.py의 버그를 고쳐줘",
    "설명해주고 수정해줘",
    "объясни и исправь ошибку в cart.py",
    "добавь в README раздел, объясни там установку",
    "исправь cart.py",
  ];
  assert.deepEqual(looks.filter((text) => asksForChange(text)), []);
  assert.deepEqual(changes.filter((text) => !asksForChange(text)), []);
});
