/** Attempts to take the session along: time, memory, messages, depth. */

import type { Attempt } from "./attempt.ts";

const group = "resource";

export const RESOURCES: readonly Attempt[] = [
  { name: "an endless loop", group, code: `for (;;);`, ends: ["timeout"] },
  {
    name: "an endless loop that catches everything",
    group,
    code: `for (;;) { try { for (;;); } catch {} finally { for (;;); } }`,
    ends: ["timeout"],
  },
  {
    name: "endless microtasks",
    group,
    code: `const again = (): Promise<void> => Promise.resolve().then(again); await again();`,
    ends: ["timeout", "memory"],
  },
  {
    name: "endless microtasks in two minds",
    group,
    code:
      `const f = async (): Promise<void> => { await null; f(); f(); if (Math.random() < 0.6) return; }; await f(); await new Promise(() => {});`,
    ends: ["timeout", "memory", "crashed"],
  },
  {
    name: "an endless generator spread",
    group,
    code: `function* all() { for (;;) yield; } return String([...all()].length);`,
    ends: ["timeout", "memory"],
  },
  {
    name: "a promise that never settles",
    group,
    code: `await new Promise(() => {}); return "";`,
    ends: ["timeout"],
  },
  {
    name: "an interval for ever",
    group,
    code: `setInterval(() => {}, 0); await new Promise(() => {});`,
    ends: ["timeout"],
  },
  {
    name: "timers without number",
    group,
    code: `for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 1e6); return "";`,
    ends: ["flooded"],
  },
  {
    name: "a loop when its module is loaded",
    group,
    text: `for (;;); export default {};`,
    ends: ["timeout"],
  },
  {
    name: "a loop inside a getter of its manifest",
    group,
    text: `export default { name: "x1", version: "1", get description() { for (;;); } };`,
    ends: ["timeout"],
  },
  {
    name: "a loop inside a getter of what it throws",
    group,
    code: `throw { get message() { for (;;); }, get name() { for (;;); }, toString() { for (;;); } };`,
    ends: ["timeout", "answered"],
  },
  {
    name: "loops inside the engine's own functions",
    group,
    code: `return String(Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1));`,
    ends: ["timeout"],
  },
  {
    name: "a sort that never ends",
    group,
    code:
      `const a = Array.from({ length: 200000 }, (_, i) => i); for (;;) a.sort(() => Math.random() - 0.5);`,
    ends: ["timeout", "memory"],
  },
  {
    name: "numbers without end",
    group,
    code: `let a = 3n; for (;;) a *= a;`,
    ends: ["timeout", "memory", "answered"],
  },
  {
    name: "a memory bomb of arrays",
    group,
    code: `const a: unknown[] = []; for (;;) a.push(new Array(10000).fill(1));`,
    ends: ["memory"],
  },
  {
    name: "a memory bomb that is caught",
    group,
    code: `const a: unknown[] = []; for (;;) { try { a.push("x".repeat(1e6) + a.length); } catch {} }`,
    ends: ["timeout", "memory"],
  },
  {
    name: "a memory bomb of one string",
    group,
    code: `let s = "x"; for (;;) s += s + "y"; `,
    ends: ["memory", "answered"],
  },
  {
    name: "a memory bomb of buffers",
    group,
    code:
      `const a: unknown[] = []; for (;;) a.push(new ArrayBuffer(2 ** 24), new Uint8Array(2 ** 22).fill(1));`,
    ends: ["memory", "answered"],
  },
  {
    name: "deep recursion",
    group,
    code: `const f = (n: number): number => f(n + 1) + 1; return String(f(0));`,
    shows: /stack overflow/,
  },
  {
    name: "deep recursion through the engine",
    group,
    code:
      `const a: any = []; a[0] = a; let s = "["; for (let i = 0; i < 17; i++) s += s; const r: string[] = []; for (const act of [() => JSON.parse(s), () => { let o: any = {}; for (let i = 0; i < 1e5; i++) o = { o }; return JSON.stringify(o); }, () => new Function("return " + "(".repeat(1e5))(), () => new RegExp("(".repeat(1e5)), () => { const p: any = new Proxy({}, { get: (_, k) => p[k] }); return p.x; }, () => [1].flat(Infinity) && String(a.toString.call({ join() { return String(this); } }))]) { try { act(); } catch (e: any) { r.push(e.name); } } return "ran " + r.join(" ");`,
    ends: ["answered", "crashed"],
  },
  {
    name: "a catastrophic regular expression",
    group,
    code: `return String(/^(a+)+$/.test("a".repeat(40) + "b"));`,
    ends: ["timeout"],
  },
  {
    name: "another catastrophic regular expression",
    group,
    code: `return String(/^((a|a)*)*(.*)*\\1x$/.test("a".repeat(5000)));`,
    ends: ["timeout", "memory", "answered"],
  },
  { name: "a giant answer", group, how: "raw", code: `return "x".repeat(5e6);`, ends: ["flooded"] },
  {
    name: "a giant answer in many small parts",
    group,
    how: "raw",
    code: `return { text: "x", summary: "y", more: Array.from({ length: 4e5 }, (_, i) => i) };`,
    ends: ["flooded"],
  },
  { name: "a giant error", group, code: `throw new Error("x".repeat(5e6));`, ends: ["answered", "flooded"] },
  {
    name: "a giant manifest",
    group,
    text: `export default { name: "x1", version: "1", description: "x".repeat(2e6) };`,
    ends: ["flooded", "bad_reply"],
  },
  {
    name: "a manifest of a million levels",
    group,
    text:
      `let a: any = 1; for (let i = 0; i < 3000; i++) a = [a]; export default { name: "x1", version: "1", description: "x", tools: a };`,
    ends: ["bad_reply", "threw"],
  },
  {
    name: "host calls without number, each awaited",
    group,
    code: `for (;;) await fs.stat("a.txt");`,
    permissions: { read: ["."] },
    ends: ["flooded"],
  },
  {
    name: "host calls without number, none awaited",
    group,
    code: `let n = 0; for (;;) { fs.stat("a.txt").catch(() => n++); if (n > 1e6) return ""; }`,
    permissions: { read: ["."] },
    ends: ["flooded", "timeout", "memory"],
  },
  {
    name: "a flood of words",
    group,
    code: `for (let i = 0; i < 1e5; i++) console.log("x".repeat(100) + i); return "ran";`,
    shows: /ran/,
    ends: ["answered", "timeout"],
  },
  {
    name: "a flood of big words",
    group,
    code: `for (let i = 0; i < 300; i++) console.log("x".repeat(1e6)); return "ran";`,
    shows: /ran/,
    ends: ["answered", "timeout"],
  },
  {
    name: "giant arguments of a host call",
    group,
    code:
      `const r: string[] = []; for (const act of [() => fs.writeText("a", "x".repeat(5e6)), () => store.set("k", "x".repeat(3e5)), () => fs.readText("x".repeat(1e6)), () => fetch("http://a/" + "x".repeat(1e6)), () => run("echo", Array.from({ length: 1000 }, () => "x"))]) { try { await act(); r.push("did "); } catch (e: any) { r.push(e.message.slice(0, 100)); } } return r.join(" ");`,
    permissions: { write: ["."], run: ["echo"] },
    shows: /^(?!.*did )/,
    ends: ["answered"],
  },
  {
    name: "one host call larger than a message may be",
    group,
    code: `return await fs.writeText("a", "x".repeat(8e6)).then(() => "did", (e) => e.message);`,
    permissions: { write: ["."] },
    ends: ["flooded", "memory"],
  },
  {
    name: "a file that does not fit",
    group,
    code: `return "ran " + await fs.readText("big").then(() => "did", (e) => e.message);`,
    permissions: { read: ["."] },
    setup: async ({ root }) => {
      const { writeFile } = await import("node:fs/promises");
      await writeFile(`${root}/big`, "x".repeat(5 * 1024 * 1024));
    },
    shows: /ran .*over 4 MB/,
  },
  {
    name: "types that cannot be taken off in time",
    group,
    text: `export default ${"(".repeat(20000)}1${")".repeat(20000)};`,
    ends: ["syntax", "timeout", "crashed", "threw", "bad_reply", "memory"],
  },
];
