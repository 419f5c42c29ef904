/**
 * What runs inside QuickJS before a plugin: makes its globals out of the few functions that the worker hands in (`native`), and gives the
 * worker what it calls back: `accept`, `call`, `fire`. A plugin may tamper with any of it; it is its own world, and only strings leave it.
 */

export const PRELUDE = String.raw`
(function (native, workspaceJson) {
  "use strict";
  const { parse, stringify } = JSON;
  const { freeze, defineProperty } = Object;
  const place = parse(workspaceJson);
  const own = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  const ask = (op, input) => native.ask(op, stringify(input)).then((reply) => ({
    value: parse(reply.json),
    bytes: reply.bytes === undefined ? undefined : new Uint8Array(reply.bytes),
  }));
  const value = (op, input) => ask(op, input).then((reply) => reply.value);
  const text = (given, what) => {
    if (typeof given !== "string") throw new TypeError(what + " must be a string");
    return given;
  };

  const show = (given) => {
    if (typeof given === "string") return given;
    if (given instanceof Error) return given.name + ": " + given.message;
    try {
      const json = stringify(given);
      return json === undefined ? String(given) : json;
    } catch {
      return String(given);
    }
  };
  const say = (level) => (...parts) => native.said(level, parts.map((part) => show(part).slice(0, 4000)).join(" ").slice(0, 4000));
  own("console", freeze({
    log: say("log"), info: say("info"), warn: say("warn"), error: say("error"), debug: say("debug"),
  }));

  own("TextEncoder", class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(given = "") { return new Uint8Array(native.encode(String(given))); }
  });
  own("TextDecoder", class TextDecoder {
    #fatal;
    constructor(label = "utf-8", options = {}) {
      if (!/^utf-?8$/i.test(label)) throw new RangeError("Only UTF-8 is decoded, not " + label);
      this.#fatal = options.fatal === true;
    }
    get encoding() { return "utf-8"; }
    get fatal() { return this.#fatal; }
    decode(given = new Uint8Array(0)) {
      const view = ArrayBuffer.isView(given)
        ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
        : new Uint8Array(given);
      const decoded = native.decode(view.slice().buffer, this.#fatal);
      if (decoded === null) throw new TypeError("The bytes are not UTF-8");
      return decoded;
    }
  });

  const encodeForm = (given) =>
    encodeURIComponent(given).replace(/[!'()~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase())
      .replace(/%20/g, "+");
  const decodeForm = (given) => {
    const spaced = given.replace(/\+/g, " ");
    try {
      return decodeURIComponent(spaced);
    } catch {
      return spaced;
    }
  };
  class URLSearchParams {
    #pairs = [];
    #changed = () => {};
    constructor(given = "", changed = undefined) {
      if (changed !== undefined) this.#changed = changed;
      if (typeof given === "string") {
        for (const part of given.replace(/^\?/, "").split("&")) {
          if (part === "") continue;
          const at = part.indexOf("=");
          this.#pairs.push(at < 0
            ? [decodeForm(part), ""]
            : [decodeForm(part.slice(0, at)), decodeForm(part.slice(at + 1))]);
        }
      } else {
        const pairs = given[Symbol.iterator] ? given : Object.entries(given);
        for (const [name, content] of pairs) this.#pairs.push([String(name), String(content)]);
      }
    }
    get size() { return this.#pairs.length; }
    get(name) {
      const found = this.#pairs.find((pair) => pair[0] === name);
      return found === undefined ? null : found[1];
    }
    getAll(name) { return this.#pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]); }
    has(name) { return this.#pairs.some((pair) => pair[0] === name); }
    append(name, content) {
      this.#pairs.push([String(name), String(content)]);
      this.#changed(this.toString());
    }
    delete(name) {
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== name);
      this.#changed(this.toString());
    }
    set(name, content) {
      const at = this.#pairs.findIndex((pair) => pair[0] === name);
      const rest = this.#pairs.filter((pair, i) => pair[0] !== name || i === at);
      if (at < 0) rest.push([String(name), String(content)]);
      else rest[rest.findIndex((pair) => pair[0] === name)] = [String(name), String(content)];
      this.#pairs = rest;
      this.#changed(this.toString());
    }
    sort() {
      this.#pairs.sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
      this.#changed(this.toString());
    }
    forEach(act) { for (const [name, content] of this.#pairs) act(content, name, this); }
    *keys() { for (const pair of this.#pairs) yield pair[0]; }
    *values() { for (const pair of this.#pairs) yield pair[1]; }
    *entries() { for (const pair of this.#pairs) yield [pair[0], pair[1]]; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#pairs.map(([n, c]) => encodeForm(n) + "=" + encodeForm(c)).join("&"); }
  }
  const URL_PARTS = ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
  class URL {
    #parts;
    #params;
    constructor(url, base = undefined) {
      const found = native.parseUrl(String(url), base === undefined ? undefined : String(base));
      if (found === undefined) throw new TypeError("Not a URL: " + String(url).slice(0, 200));
      this.#parts = parse(found);
      this.#renew();
    }
    #renew() {
      this.#params = new URLSearchParams(this.#parts.search, (search) => this.#set("search", search, false));
    }
    #set(part, content, renews = true) {
      const found = native.parseUrl(this.#parts.href, undefined, part, String(content));
      if (found !== undefined) this.#parts = parse(found);
      if (renews) this.#renew();
    }
    static {
      for (const part of URL_PARTS) {
        defineProperty(URL.prototype, part, {
          get() { return this.#parts[part]; },
          set(content) { this.#set(part, content); },
          enumerable: true,
          configurable: true,
        });
      }
    }
    get href() { return this.#parts.href; }
    get origin() { return this.#parts.origin; }
    get searchParams() { return this.#params; }
    toString() { return this.#parts.href; }
    toJSON() { return this.#parts.href; }
    static canParse(url, base) { return URL.parse(url, base) !== null; }
    static parse(url, base) {
      try {
        return new URL(url, base);
      } catch {
        return null;
      }
    }
  }
  own("URL", URL);
  own("URLSearchParams", URLSearchParams);

  const timers = new Map();
  let nextTimer = 1;
  const later = (act, ms, args, repeats) => {
    if (typeof act !== "function") throw new TypeError("A timer needs a function");
    const id = nextTimer++;
    timers.set(id, { act: () => act(...args), ms, repeats });
    native.timer(id, Number(ms) || 0);
    return id;
  };
  const forget = (id) => {
    if (timers.delete(id)) native.clear(id);
  };
  own("setTimeout", (act, ms = 0, ...args) => later(act, ms, args, false));
  own("setInterval", (act, ms = 0, ...args) => later(act, ms, args, true));
  own("clearTimeout", forget);
  own("clearInterval", forget);
  own("queueMicrotask", (act) => void Promise.resolve().then(act));
  own("structuredClone", (given) => given === undefined ? undefined : parse(stringify(given)));
  own("performance", freeze({ now: () => native.now() }));

  const fs = freeze({
    readText: async (path) => (await value("readText", { path: text(path, "A path") })),
    readBytes: async (path) => (await ask("readBytes", { path: text(path, "A path") })).bytes,
    writeText: async (path, content) => {
      await value("writeText", { path: text(path, "A path"), text: text(content, "A file's text") });
    },
    list: async (path) => await value("list", { path: text(path, "A path") }),
    stat: async (path) => (await value("stat", { path: text(path, "A path") })) ?? undefined,
  });
  const fetch = async (url, options = {}) => {
    const reply = await ask("fetch", {
      url: String(url),
      method: String(options.method ?? "GET"),
      headers: Object.entries(options.headers ?? {}).map(([name, content]) => [name, String(content)]),
      body: options.body === undefined ? "" : text(options.body, "A body"),
    });
    const { status, url: end, headers } = reply.value;
    const bytes = reply.bytes;
    return freeze({
      ok: status >= 200 && status < 300,
      status,
      url: end,
      headers: freeze({
        get: (name) => {
          const found = headers.filter((pair) => pair[0] === String(name).toLowerCase());
          return found.length === 0 ? null : found.map((pair) => pair[1]).join(", ");
        },
      }),
      text: async () => new TextDecoder().decode(bytes),
      json: async () => parse(new TextDecoder().decode(bytes)),
      bytes: async () => bytes.slice(),
    });
  };
  const run = async (command, args = []) =>
    await value("run", { argv: [text(command, "A command"), ...args.map((arg) => text(arg, "An argument"))] });
  const store = freeze({
    get: async (key) => (await value("storeGet", { key: text(key, "A key") }))?.value,
    set: async (key, content) => {
      await value("storeSet", { key: text(key, "A key"), json: stringify(content) ?? "" });
    },
  });
  const env = freeze({ get: async (name) => (await value("env", { name: text(name, "A name") })) ?? undefined });
  const workspace = freeze({
    root: place.root,
    language: place.language,
    changedFiles: async () => await value("changedFiles", {}),
  });
  const host = freeze({ fs, fetch, run, store, env, workspace });
  for (const name of Object.keys(host)) own(name, host[name]);

  let plugin;
  const failure = (error) => {
    try {
      if (error instanceof Error) return error.name + ": " + error.message;
      return show(error);
    } catch {
      return "Error: it threw something that cannot be shown";
    }
  };
  const named = (list, name) => Array.isArray(list) ? list.find((one) => one && one.name === name) : undefined;
  const find = (kind, name) => {
    if (kind === "hook") return plugin.hooks && { run: plugin.hooks[name], of: plugin.hooks };
    const one = named(kind === "tool" ? plugin.tools : plugin.commands, name);
    return one && { run: one.run, of: one };
  };
  return freeze({
    accept(loaded) {
      Promise.resolve(loaded).then((module) => {
        plugin = module.default;
        const manifest = stringify(plugin, (_, given) => typeof given === "function" ? { $function: true } : given);
        if (manifest === undefined) throw new TypeError("The default export is not an object");
        native.ready(manifest);
      }).catch((error) => native.threw(0, failure(error)));
    },
    call(call, kind, name, input) {
      Promise.resolve().then(() => {
        const found = find(kind, name);
        if (typeof (found && found.run) !== "function") throw new TypeError("There is no " + kind + " " + name);
        return found.run.call(found.of, parse(input), host);
      }).then((result) => native.done(call, stringify(result) ?? ""))
        .catch((error) => native.threw(call, failure(error)));
    },
    fire(id) {
      const timer = timers.get(id);
      if (timer === undefined) return;
      if (timer.repeats) native.timer(id, Number(timer.ms) || 0);
      else timers.delete(id);
      timer.act();
    },
  });
})
`;
