/** Attempts through the language itself: globals, constructors, what host functions return and throw, `import`. */

import { mkdir, symlink } from "node:fs/promises";
import type { Attempt } from "./attempt.ts";

export const LANGUAGE: readonly Attempt[] = [
  {
    name: "globals by their names",
    group: "language",
    code:
      `return typeof Deno + typeof process + typeof require + typeof module + typeof Buffer + typeof global + typeof window + typeof self + typeof std + typeof os + typeof navigator + typeof Bun + harm(globalThis, args);`,
    shows: /(undefined){12}/,
  },
  {
    name: "everything that can be walked to from globalThis",
    group: "language",
    code: `const seen = new Set<any>(); const queue: any[] = [globalThis, host]; const names: string[] = [];
      while (queue.length > 0 && seen.size < 20000) {
        const one = queue.pop();
        if ((typeof one !== "object" && typeof one !== "function") || one === null || seen.has(one)) continue;
        seen.add(one);
        names.push(harm(one, args));
        try { queue.push(Object.getPrototypeOf(one)); } catch {}
        for (const key of Reflect.ownKeys(one)) {
          try { const d = Object.getOwnPropertyDescriptor(one, key)!; queue.push(d.value, d.get, d.set); } catch {}
        }
      }
      return seen.size > 200 ? "walked " + names.filter((n) => n).join("") : "too few";`,
    shows: /walked/,
  },
  {
    name: "Function constructor",
    group: "language",
    code:
      `return "ran " + harm(Function("return this")(), args) + harm((function () {}).constructor("return globalThis")(), args);`,
    shows: /ran/,
  },
  {
    name: "AsyncFunction constructor",
    group: "language",
    code: `return "ran " + harm(await (async () => {}).constructor("return this")(), args);`,
    shows: /ran/,
  },
  {
    name: "generator constructors",
    group: "language",
    code:
      `const G = (function* () {}).constructor as any; const A = (async function* () {}).constructor as any; return "ran " + harm(G("yield globalThis")().next().value, args) + harm((await A("yield globalThis")().next()).value, args);`,
    shows: /ran/,
  },
  {
    name: "direct and indirect eval",
    group: "language",
    code:
      `return "ran " + harm(eval("this"), args) + harm((0, eval)("globalThis"), args) + harm((0, eval)("typeof Deno === 'undefined' ? {} : {Deno}"), args);`,
    shows: /ran/,
  },
  {
    name: "constructor of a host function",
    group: "language",
    code:
      `return [fs.readText, fetch, run, store.get, env.get, console.log, setTimeout, URL, TextEncoder].map((f: any) => harm(f.constructor("return this")(), args) + harm(f.constructor.constructor("return globalThis")(), args)).join("") + "ran";`,
    shows: /ran/,
  },
  {
    name: "promise of a host call",
    group: "language",
    code:
      `const p: any = fs.readText("x"); p.catch(() => {}); return "ran " + harm(p.constructor.constructor("return this")(), args) + harm(p.then.constructor("return this")(), args);`,
    shows: /ran/,
  },
  {
    name: "error of a host call",
    group: "language",
    code:
      `try { await fs.readText(args.secret); } catch (e: any) { return "ran " + harm(e.constructor.constructor("return this")(), args) + harm(e.__proto__.constructor.constructor("return this")(), args) + e.stack + JSON.stringify(Object.getOwnPropertyNames(e)); }`,
    shows: /ran/,
  },
  {
    name: "bytes of a host call",
    group: "language",
    code:
      `const b: any = await fs.readBytes("a.txt"); const up = b.buffer.constructor.constructor("return this")(); let grown = ""; try { b.buffer.resize(1e6); grown = "grown"; } catch {} return "ran " + harm(up, args) + grown + [...new Uint8Array(b.buffer)].length;`,
    permissions: { read: ["."] },
    shows: /ran 5/,
  },
  {
    name: "caller and callee",
    group: "language",
    code:
      `const up: any[] = []; const f = new Function("up", "try { up.push(arguments.callee.caller) } catch {} try { up.push(this.caller) } catch {}"); f.call(f, up); return "ran " + up.map((one) => one ? harm(one.constructor("return this")(), args) : "").join("");`,
    shows: /ran/,
  },
  {
    name: "stack trace hooks",
    group: "language",
    code:
      `const up: any[] = []; (Error as any).prepareStackTrace = (_: unknown, sites: any[]) => { up.push(...[sites].flat()); return ""; }; try { await fs.readText(args.secret); } catch (e: any) { void e.stack; } void new Error("x").stack; return "ran " + up.map((s) => s && s.getThis ? harm(s.getThis(), args) + harm(s.getFunction?.(), args) : "").join("");`,
    shows: /ran/,
  },
  {
    name: "objects that run when the host reads them",
    group: "language",
    code:
      `const seen: any[] = []; const spy: any = new Proxy(function () {}, { get: (_, k) => { seen.push(k); return k === Symbol.toPrimitive ? () => args.secret : spy; }, apply: (_, self, list) => { seen.push(harm(self, args)); return spy; } }); const r: string[] = []; for (const act of [() => fs.readText(spy), () => run(spy, [spy]), () => store.set("k", spy), () => fetch(spy), () => env.get(spy)]) { try { r.push(String(await act())); } catch (e: any) { r.push(e.name); } } return "ran " + r.join(" ");`,
    ends: ["answered", "timeout"],
  },
  {
    name: "a thenable as the answer",
    group: "language",
    code:
      `return { then(resolve: any) { resolve("ran " + harm(resolve.constructor("return this")(), args)); } };`,
    shows: /ran/,
  },
  {
    name: "getters and toJSON in the answer",
    group: "language",
    text:
      `export default { name: "answers", version: "1", description: "x", tools: [{ name: "act", description: "x", parameters: {}, example: {}, run(args) { return { get text() { return "ran " + harm(this, args); }, toJSON() { return { text: "ran " + harm(this, args), summary: "x" }; } }; } }] };`,
    shows: /ran/,
  },
  {
    name: "QuickJS's own modules std and os",
    group: "language",
    code:
      `const r: string[] = []; for (const name of ["std", "os", "qjs:std", "qjs:os", "bjson"]) { try { r.push(harm({ std: await import(name), os: await import(name) }, args)); } catch (e: any) { r.push(e.message); } } return r.join(" ");`,
    shows: /own folder only/,
  },
  {
    name: "ShadowRealm, WebAssembly, shared memory",
    group: "language",
    code:
      `const r: string[] = []; for (const act of [() => new (globalThis as any).ShadowRealm().evaluate("1"), () => new (globalThis as any).WebAssembly.Memory({ initial: 1 }), () => (globalThis as any).Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)]) { try { r.push(String(act())); } catch (e: any) { r.push(e.name); } } return "ran " + r.join(" ");`,
    shows: /ran/,
  },
  {
    name: "own globals replaced under the host's feet",
    group: "language",
    code:
      `const seen: any[] = []; for (const name of ["JSON", "Promise", "Map", "Object", "Array", "Error", "Symbol", "Reflect"]) { (globalThis as any)[name] = new Proxy((globalThis as any)[name], { get: (t, k) => { seen.push(k); return t[k]; } }); } Function.prototype.call = function () { seen.push("call"); return undefined; }; Array.prototype.map = function () { return [harm(this, args)]; } as any; const r = await fs.stat("a.txt").then(() => "x", (e) => e.message); return "ran " + r;`,
    shows: /ran/,
  },

  {
    name: "a JSON file of the disk",
    group: "import",
    code: `return JSON.stringify(await import("file://" + args.secret, { with: { type: "json" } } as any));`,
    shows: /own folder only/,
  },
  {
    name: "a module by its absolute path",
    group: "import",
    code: `return JSON.stringify(await import(args.outside + "/evil.js"));`,
    shows: /own folder only/,
  },
  {
    name: "a file of the disk as text and bytes",
    group: "import",
    code:
      `const r: string[] = []; for (const type of ["text", "bytes"]) { try { r.push(String((await import("file://" + args.secret, { with: { type } } as any)).default)); } catch (e: any) { r.push(e.message); } } return r.join(" ");`,
    shows: /own folder only.*own folder only/,
  },
  {
    name: "a data: module",
    group: "import",
    code: `return (await import("data:text/javascript,export default typeof Deno")).default;`,
    shows: /own folder only/,
  },
  {
    name: "an http: module",
    group: "import",
    code: `return (await import(args.url + "/evil.js")).default;`,
    shows: /own folder only/,
  },
  {
    name: "npm:, jsr:, node: and bare names",
    group: "import",
    code:
      `const r: string[] = []; for (const name of ["npm:zod", "jsr:@std/fs", "node:fs", "fs", "node:child_process", "zod", "smallcode"]) { try { r.push("got " + Object.keys(await import(name))); } catch (e: any) { r.push(e.message); } } return r.join(" ");`,
    shows: /^(?!.*got ).*own folder only/,
  },
  {
    name: "a computed name",
    group: "import",
    code:
      `const name = ["f", "ile:", "//"].reverse().reverse().join("") + args.outside + "/evil.js"; return String((await import(name)).default);`,
    shows: /own folder only/,
  },
  {
    name: "from new Function and eval",
    group: "import",
    code:
      `const r: string[] = []; for (const act of [() => new Function("n", "return import(n)")("file://" + args.outside + "/evil.js"), () => (0, eval)("(n) => import(n)")(args.url), () => eval("import('node:fs')"), () => (async () => {}).constructor("n", "return await import(n)")("data:text/javascript,export default 1")]) { try { r.push("got " + JSON.stringify(await act())); } catch (e: any) { r.push(e.message); } } return r.join(" ");`,
    shows: /^(?!.*got )/,
  },
  {
    name: "up and out of the plugin's folder",
    group: "import",
    code:
      `const r: string[] = []; for (const name of ["../evil.ts", "./../../outside/evil.js", "./lib/../../evil.js", "../../../../../../etc/passwd", "./%2e%2e/evil.js", "./..\\\\evil.js"]) { try { r.push("got " + JSON.stringify(await import(name))); } catch (e: any) { r.push(e.message); } } return r.join(" ");`,
    shows: /^(?!.*got )/,
  },
  {
    name: "names of every object's own keys",
    group: "import",
    code:
      `const r: string[] = []; for (const name of ["./__proto__", "./constructor", "./toString", "./hasOwnProperty", "./host.js", "./$start.js"]) { try { const m = await import(name); r.push(name + " " + Object.keys(m).join()); } catch (e: any) { r.push(e.message); } } return r.join(" ") + harm(globalThis, args);`,
    shows: /no such file/,
  },
  {
    name: "import.meta",
    group: "import",
    code:
      `const meta: any = eval("1") && import.meta; return "ran " + JSON.stringify(Object.keys(meta)) + String(meta.url) + String(meta.resolve && meta.resolve("node:fs"));`,
    shows: /ran/,
  },
  {
    name: "a static import of the disk",
    group: "import",
    before: `import secret from "/etc/passwd";\nexport const x = secret;`,
    ends: ["threw"],
    shows: /own folder only/,
  },
  {
    name: "a file of its folder that is a link out of it",
    group: "import",
    setup: async ({ root, secret }) => {
      await mkdir(`${root}/plugin`);
      await symlink(secret, `${root}/plugin/secret.json`);
    },
    ends: ["denied"],
    shows: /link that leads out/,
    code: `return "ran";`,
    how: "folder",
  },
];
