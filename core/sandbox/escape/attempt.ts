/** One attempt of a plugin to get out of its sandbox, as data; `run_attempt.ts` makes it and looks for what got out. */

import type { Permissions, PluginFault } from "../../plugin_host.ts";

export type Group = "language" | "import" | "forging" | "path" | "net" | "command" | "output" | "resource";

/** Where an attempt is made; a plugin's code gets the strings of it as `args`. */
export interface Place {
  /** The workspace. */
  readonly root: string;
  /** Beside the workspace, granted to nobody. */
  readonly outside: string;
  /** A file in `outside` that holds the canary. */
  readonly secret: string;
  readonly home: string;
  /** A server on this machine that nothing may reach. */
  readonly url: string;
  /** A server on this machine that is granted where an attempt says so; see `bait.ts`. */
  readonly bait: string;
}

export interface Attempt {
  readonly name: string;
  readonly group: Group;
  /** Body of an async function in TypeScript; gets `args` (a `Place`) and `host`. What it returns or throws is what it got. */
  readonly code?: string;
  /** Before the default export. */
  readonly before?: string;
  /** The whole plugin instead of `code`. */
  readonly text?: string;
  /**
   * `raw`: what the code returns is the tool's answer itself. `folder`: the plugin is read from `plugin/` of the workspace. `other_hash`: the
   * grant is for another content. `read_only`: writes and commands are not permitted.
   */
  readonly how?: "raw" | "folder" | "other_hash" | "read_only";
  /** What is asked for and granted; in entries `BAIT` stands for the bait's `host:port`, `OUTSIDE` for the folder. */
  readonly permissions?: Partial<Permissions>;
  /** What was granted, where that is not what was asked for. */
  readonly granted?: Partial<Permissions>;
  readonly setup?: (place: Place) => Promise<void>;
  /** Works against the host until the attempt is over. */
  readonly meanwhile?: (place: Place, signal: AbortSignal) => Promise<void>;
  /** What names resolve to; each further look-up takes the next list. Others are not known. */
  readonly names?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** How the call must end; default: it returns. */
  readonly ends?: readonly (PluginFault | "answered")[];
  /** What the plugin, or the one who called it, must have read: an attempt that never got to its point proves nothing. */
  readonly shows?: RegExp;
}

/** In front of each plugin: what to do with anything that looks like a way out. Gives what it got. */
export const HARM = `
function harm(g: any, args: any): string {
  const got: string[] = [];
  const attempt = (act: () => unknown) => {
    try {
      const value = act();
      if (value !== undefined) got.push(typeof value === "string" ? value : typeof value);
    } catch {}
  };
  attempt(() => g.Deno.readTextFileSync(args.secret));
  attempt(() => g.Deno.writeTextFileSync(args.outside + "/pwned", "x"));
  attempt(() => g.process.getBuiltinModule("node:fs").readFileSync(args.secret, "utf8"));
  attempt(() => g.process.env.SECRET_TOKEN);
  attempt(() => g.process.binding("fs"));
  attempt(() => g.require("node:fs").readFileSync(args.secret, "utf8"));
  attempt(() => g.std.loadFile(args.secret));
  attempt(() => g.os.exec(["touch", args.outside + "/pwned"]));
  attempt(() => { const x = new g.XMLHttpRequest(); x.open("GET", args.url, false); x.send(); return x.responseText; });
  attempt(() => new g.WebSocket(args.url.replace("http", "ws")));
  attempt(() => new g.EventSource(args.url));
  attempt(() => new g.Worker("data:text/javascript,fetch('" + args.url + "')", { type: "module" }));
  attempt(() => g.importScripts(args.url));
  attempt(() => g.postMessage({ kind: "done", call: 1, value: '"forged"' }));
  attempt(() => g.close());
  attempt(() => { g.__proto__.polluted = "yes"; });
  return got.join(" ");
}
`;
