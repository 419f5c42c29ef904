/** Two servers on this machine for the escape suite: one that nothing may reach, and one that is granted and means ill. */

import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";

/** In whatever leaves the sandbox this text proves an escape. */
export const CANARY = "CANARY-7f3a";

export interface Bait {
  readonly url: string;
  readonly port: number;
  /** Requests since the last call of this, with their heads. */
  take(): readonly string[];
  close(): void;
}

/** A server that answers every request with the canary. */
export function startCanaryServer(): Promise<Bait> {
  return startServer((_, socket) => send(socket, "200 OK", "text/plain", CANARY));
}

/** Redirects, endless and packed answers, broken heads; by the request's path. */
export function startBaitServer(): Promise<Bait> {
  return startServer((head, socket) => {
    const [line = "", ...headers] = head.split("\r\n");
    const [method, target = "/"] = line.split(" ");
    const url = new URL(target, "http://bait");
    switch (url.pathname) {
      case "/redirect": {
        const status = url.searchParams.get("status") ?? "302";
        return send(socket, `${status} Elsewhere`, "text/plain", "", [
          `Location: ${url.searchParams.get("to")}`,
        ]);
      }
      case "/loop":
        return send(socket, "302 Again", "text/plain", "", ["Location: /loop"]);
      case "/endless":
        return endless(socket, "HTTP/1.1 200 OK\r\n\r\n");
      case "/long-head":
        return endless(socket, "HTTP/1.1 200 OK\r\nX: ");
      case "/bomb":
        return send(socket, "200 OK", "text/plain", BOMB(), ["Content-Encoding: gzip"]);
      case "/two-lengths":
        return void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde");
      case "/echo":
        return send(
          socket,
          "200 OK",
          "text/plain",
          `${method} ${headers.filter((h) => /^(?:auth|cookie|x-)/i.test(h))}`,
        );
      default:
        return send(socket, "200 OK", "text/plain", "ok");
    }
  });
}

function BOMB(): Uint8Array {
  return gzipSync(new Uint8Array(64 * 1024 * 1024));
}

function send(
  socket: Socket,
  status: string,
  type: string,
  body: string | Uint8Array,
  headers: readonly string[] = [],
): void {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = [
    `HTTP/1.1 ${status}`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
    ...headers,
    "",
    "",
  ];
  socket.write(head.join("\r\n"));
  socket.end(bytes);
}

function endless(socket: Socket, start: string): void {
  socket.write(start);
  const part = "x".repeat(64 * 1024);
  const more = () => {
    while (!socket.destroyed && socket.write(part));
  };
  socket.on("drain", more);
  more();
}

async function startServer(answer: (head: string, socket: Socket) => void): Promise<Bait> {
  let requests: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy()); // a client that goes away is what is tried here
    socket.on("data", (data) => {
      text += String(data);
      if (!text.includes("\r\n\r\n")) return;
      requests.push(text);
      answer(text, socket);
      text = "";
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    take() {
      const taken = requests;
      requests = [];
      return taken;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close(); // Deno 2.6 does not call back once a connection was there
    },
  };
}
