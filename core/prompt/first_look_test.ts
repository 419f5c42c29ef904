import assert from "node:assert/strict";
import { focusOf, namedSymbols, rankPaths } from "./first_look.ts";

const MANY = ["src/cart.py", "src/user.py", "src/mail.py", "src/shop.py", "tests/test_cart.py", "README.md"];
const top = (task: string, paths: readonly string[]) =>
  rankPaths(task, paths).map(({ path, reason }) => `${path}: ${reason}`);

Deno.test("rankPaths() puts a named path before a named file before a stem", () => {
  assert.deepEqual(top("In src/user.py, use mail.py like the cart does", MANY), [
    "src/user.py: named in the message",
    "src/mail.py: its name is in the message",
    "src/cart.py: its stem is in the message",
  ]);
});

Deno.test("rankPaths() takes @path as a path", () => {
  assert.deepEqual(top("explain @src/shop.py", MANY), ["src/shop.py: named in the message"]);
});

Deno.test("rankPaths() finds a name in a script without blanks, and a name of such a script", () => {
  const paths = [...MANY, "src/购物车.py"];
  assert.deepEqual(top("请修复cart.py里的错误", paths), ["src/cart.py: its name is in the message"]);
  assert.deepEqual(top("請看src/user.py這個文件", paths), ["src/user.py: named in the message"]);
  assert.deepEqual(top("mail.pyを直して", paths), ["src/mail.py: its name is in the message"]);
  assert.deepEqual(top("请修复购物车.py里的错误", paths), ["src/购物车.py: its name is in the message"]);
  assert.deepEqual(top("исправь ошибку в cart.py", paths), ["src/cart.py: its name is in the message"]);
  assert.deepEqual(top("请修复错误", paths), []);
});

Deno.test("rankPaths() finds a failing test's file", () => {
  assert.deepEqual(top("fix the failing test", MANY), [
    "src/cart.py: tested by tests/test_cart.py",
    "tests/test_cart.py: a test of the project",
  ]);
});

Deno.test("rankPaths() shows the whole of a tiny project, tests last, and nothing of a large one", () => {
  assert.deepEqual(top("it prints the wrong sum", ["test_sum.py", "sum.py", "LICENSE"]), [
    "sum.py: one of the few source files",
    "test_sum.py: one of the few source files",
  ]);
  assert.deepEqual(top("it prints the wrong total", MANY), []);
});

Deno.test("namedSymbols() finds what looks like code", () => {
  assert.deepEqual(namedSymbols("Rename `total` to grand_total, and let parseCart() use user.name()"), [
    "total",
    "parseCart",
    "name",
    "grand_total",
  ]);
  assert.deepEqual(namedSymbols("fix the failing test please"), []);
});

Deno.test("focusOf() names the one file that a task will change, or none", () => {
  const focus = (task: string, paths: readonly string[]) =>
    focusOf(
      task,
      rankPaths(task, paths).map(({ path, reason }) => ({
        path,
        reason,
        hash: "",
        how: "whole",
        lines: 1,
        sample: "",
      })),
      paths,
    );
  const project = ["calc.py", "test_calc.py"];
  assert.equal(focus("The test in test_calc.py fails. Fix it.", project), "calc.py");
  assert.equal(focus("fix the failing test", MANY), "src/cart.py");
  assert.equal(focus("In config.json set the port to 9090", ["config.json", "main.py"]), "config.json");
  assert.equal(focus("Write a unittest for add in test_calc.py", ["calc.py"]), undefined);
  assert.equal(focus("Create hello.py that uses calc.py", ["calc.py"]), undefined);
  assert.equal(focus("make it faster", ["a.py", "b.py"]), undefined);
});
