import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { exchange } from "./http_exchange.ts";

const GET = { method: "GET", target: "/a", headers: [["host", "a"]], body: new Uint8Array() } as const;

/** Sends the answer in parts of this many bytes and keeps what was asked. */
function served(answer: Uint8Array | string, step = 7) {
  const bytes = typeof answer === "string" ? new TextEncoder().encode(answer) : answer;
  const asked: Uint8Array[] = [];
  let at = 0;
  return {
    asked: () => new TextDecoder().decode(asked[0]),
    readable: new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at += step));
      },
    }),
    writable: new WritableStream<Uint8Array>({ write: (part) => void asked.push(part) }),
  };
}

async function read(answer: Uint8Array | string, method = "GET") {
  const { status, body } = await exchange(served(answer), { ...GET, method }, 1_000);
  return `${status} ${new TextDecoder().decode(body)}`;
}

Deno.test("exchange() reads every way in which an answer may say its length", async () => {
  const answers: Readonly<Record<string, string>> = {
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef": "200 abc",
    "HTTP/1.1 200 OK\r\n\r\nto the end": "200 to the end",
    "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n": "404 ",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n":
      "200 abc0123456789",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nok": "200 ok",
    "HTTP/1.1 204 No Content\r\n\r\n": "204 ",
    "HTTP/1.1 200\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok": "200 ok",
  };
  for (const [answer, wanted] of Object.entries(answers)) assert.equal(await read(answer), wanted, answer);
  assert.equal(await read("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "HEAD"), "200 ");
});

Deno.test("exchange() refuses what is cut, unclear or too long", async () => {
  const answers: Readonly<Record<string, RegExp>> = {
    "": /ended in the answer's head/,
    "HTTP/1.1 200 OK\r\nA: b\r\n": /ended in the answer's head/,
    "SSH-2.0-x\r\n\r\n": /does not speak HTTP/,
    "HTTP/2 200\r\n\r\n": /does not speak HTTP/,
    "HTTP/1.1 200 OK\r\nbad header\r\n\r\n": /cannot be read/,
    "HTTP/1.1 200 OK\r\nA : b\r\n\r\n": /cannot be read/,
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd": /unclear/,
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": /unclear/,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n": /unclear/,
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n": /cannot be read/,
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc": /ended in the body/,
    "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n": /longer than 1000/,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n": /longer than 1000/,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n": /chunk/,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n": /longer than it says/,
    "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok": /packed as "br"/,
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok": /cannot be unpacked/,
  };
  for (const [answer, why] of Object.entries(answers)) {
    await assert.rejects(read(answer), { message: why }, answer);
  }
});

Deno.test("exchange() unpacks within the bound", async () => {
  const packed = (size: number) => {
    const body = gzipSync("x".repeat(size));
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    return new Uint8Array([...new TextEncoder().encode(head), ...body]);
  };
  assert.equal(await read(packed(900)), `200 ${"x".repeat(900)}`);
  await assert.rejects(read(packed(100_000)), { message: /longer than 1000/ });
});

Deno.test("exchange() sends exactly what it was given, and no line break in a header", async () => {
  const server = served("HTTP/1.1 200 OK\r\n\r\n");
  const body = new TextEncoder().encode("ü");
  await exchange(server, { method: "POST", target: "/a?b", headers: [["host", "h"], ["x", "y"]], body }, 9);
  assert.equal(server.asked(), "POST /a?b HTTP/1.1\r\nhost: h\r\nx: y\r\n\r\nü");
  await assert.rejects(exchange(served(""), { ...GET, headers: [["a", "b\r\nc: d"]] }, 9), SyntaxError);
});
