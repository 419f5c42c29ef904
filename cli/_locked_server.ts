/** For tests: a scripted model server behind a key. */

import { type ScriptedReply, startScriptedServer } from "../core/model/scripted.ts";

export interface LockedServer {
  /** With `/v1`. */
  readonly url: string;
  /** `authorization` of each request, in order. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** Answers 401 to whatever does not bring the key. */
export async function startLockedServer(
  key: string,
  replies: readonly ScriptedReply[],
): Promise<LockedServer> {
  const inner = await startScriptedServer({ replies, model: "locked-model" });
  const root = inner.url.replace(/\/v1$/, "");
  const keys: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    async (request) => {
      const given = request.headers.get("authorization") ?? "";
      keys.push(given);
      if (given !== `Bearer ${key}`) {
        return Response.json({ error: { message: "invalid api key", type: "authentication_error" } }, {
          status: 401,
        });
      }
      const { pathname } = new URL(request.url);
      const body = request.method === "POST" ? { method: "POST", body: await request.text() } : {};
      return await fetch(`${root}${pathname}`, { ...body, headers: { "content-type": "application/json" } });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/v1`,
    keys,
    close: async () => {
      await server.shutdown();
      await inner.close();
    },
  };
}
