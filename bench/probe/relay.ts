/**
 * A relay in front of a real model server that answers the first chat requests itself, so that a program's own history is rebuilt exactly,
 * and lets one request through to the model.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { DialectName } from "../../core/profile.ts";
import { writeCall, type WrittenCall } from "../write_call.ts";

/** A reply of the recorded history: a call, or a text. */
export type Recorded = WrittenCall | { readonly text: string };

export interface Relay {
  readonly url: string;
  /** Begins a situation: its recorded replies, in order, in the dialect that is asked for when the first one is sent. */
  begin(replies: readonly Recorded[], dialect: () => DialectName): void;
  /** Whether a request had begun its reply otherwise than the recorded one begins, which then cannot be told as it was. */
  isSpoiled(): boolean;
  close(): Promise<void>;
}

/** @param target e.g. `http://127.0.0.1:8080/v1` */
export async function startRelay(target: string): Promise<Relay> {
  const origin = new URL(target);
  let queue: Recorded[] = [];
  let dialect: () => DialectName = () => "json";
  let spoiled = false;
  const server = createServer((request, response) => {
    answer(request, response).catch((problem) => response.destroy(problem));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", origin);
    const isChat = url.pathname.endsWith("/chat/completions");
    const recorded = isChat ? queue.shift() : undefined;
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of request) pieces.push(new Uint8Array(piece));
    const body = new Uint8Array(await new Blob(pieces).arrayBuffer());
    if (recorded) {
      spoiled ||= !wordsOf(recorded, dialect()).startsWith(begunBy(body));
      return sendRecorded(response, recorded, dialect());
    }
    const reply = await fetch(url, {
      method: request.method ?? "GET",
      headers: { "content-type": "application/json", authorization: request.headers.authorization ?? "" },
      ...(body.length > 0 ? { body } : {}),
    });
    response.writeHead(reply.status, {
      "content-type": reply.headers.get("content-type") ?? "application/json",
    });
    if (reply.body) { for await (const piece of reply.body) response.write(piece); }
    response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${origin.pathname.replace(/\/$/, "")}`,
    begin(replies, next) {
      queue = [...replies];
      spoiled = false;
      dialect = next;
    },
    isSpoiled: () => spoiled,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The beginning of the reply, where a request ends with one. */
function begunBy(body: Uint8Array): string {
  const { messages } = JSON.parse(new TextDecoder().decode(body)) as {
    messages?: { role: string; content: string }[];
  };
  const last = messages?.at(-1);
  return last?.role === "assistant" ? last.content : "";
}

function wordsOf(recorded: Recorded, dialect: DialectName): string {
  return "text" in recorded ? recorded.text : writeCall(recorded, dialect);
}

function sendRecorded(response: ServerResponse, recorded: Recorded, dialect: DialectName): void {
  const isNative = "name" in recorded && dialect === "native";
  const content = wordsOf(recorded, dialect);
  const delta = isNative
    ? {
      tool_calls: [{
        index: 0,
        id: "recorded",
        type: "function",
        function: { name: recorded.name, arguments: JSON.stringify(recorded.args) },
      }],
    }
    : { content };
  const chunk = (part: unknown, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: part, finish_reason: finish }] })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.end(
    `${chunk({ role: "assistant", ...delta }, null)}${
      chunk({}, isNative ? "tool_calls" : "stop")
    }data: [DONE]\n\n`,
  );
}
