/**
 * One HTTP/1.1 request over a connection that stands already, strictly read.
 *
 * Our own because the connection must go to the address that was judged: `fetch` and `node:http` resolve the name again (DESIGN section 6).
 * Always `Connection: close`: nothing of one answer can be taken for the next. Anything unclear in an answer is an error.
 */

export interface ExchangeRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

export interface ExchangeResponse {
  readonly status: number;
  /** Names in lower case, in their order. */
  readonly headers: readonly (readonly [string, string])[];
  /** Unpacked. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Duplex {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEADERS = 200;
const MAX_INFORMATIONAL = 5;

/**
 * @param maxBytes most bytes of the body, packed and unpacked
 * @throws {RangeError} when the answer is too long, {SyntaxError} when it is not HTTP/1
 */
export async function exchange(
  connection: Duplex,
  request: ExchangeRequest,
  maxBytes: number,
): Promise<ExchangeResponse> {
  const writer = connection.writable.getWriter();
  // A server may answer before it has read all: its answer counts, and a failed write shows as a missing one.
  writer.write(encodeRequest(request)).catch(() => {});
  const input = openInput(connection.readable);
  try {
    for (let skipped = 0; skipped <= MAX_INFORMATIONAL; skipped++) {
      const head = parseHead(await input.head());
      if (head.status >= 100 && head.status < 200) continue;
      const hasBody = request.method !== "HEAD" && head.status !== 204 && head.status !== 304;
      const packed = hasBody ? await readBody(input, head.headers, maxBytes) : new Uint8Array(0);
      return { ...head, body: await unpack(packed, head.headers, maxBytes) };
    }
    throw new SyntaxError("the server sent only informational answers");
  } finally {
    await input.close();
    await writer.close().catch(() => writer.abort().catch(() => {}));
  }
}

function encodeRequest({ method, target, headers, body }: ExchangeRequest): Uint8Array {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new SyntaxError("a header holds a line break");
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}

interface Input {
  /** Up to and without the empty line. */
  head(): Promise<string>;
  line(): Promise<string>;
  /** `undefined` at the end. At most this many bytes. */
  some(most: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

function openInput(readable: ReadableStream<Uint8Array>): Input {
  const reader = readable.getReader();
  let held: Uint8Array = new Uint8Array(0);

  async function more(): Promise<boolean> {
    const { done, value } = await reader.read();
    if (done) return false;
    const joined = new Uint8Array(held.length + value.length);
    joined.set(held);
    joined.set(value, held.length);
    held = joined;
    return true;
  }

  async function until(mark: string, what: string): Promise<string> {
    const decoder = new TextDecoder("latin1");
    while (true) {
      const text = decoder.decode(held.subarray(0, MAX_HEAD_BYTES));
      const end = text.indexOf(mark);
      if (end >= 0) {
        held = held.slice(end + mark.length);
        return text.slice(0, end);
      }
      if (held.length >= MAX_HEAD_BYTES) throw new RangeError(`${what} is too long`);
      if (!await more()) throw new SyntaxError(`the connection ended in ${what}`);
    }
  }

  return {
    head: () => until("\r\n\r\n", "the answer's head"),
    line: () => until("\r\n", "a chunk's size"),
    async some(most) {
      if (held.length === 0 && !await more()) return undefined;
      const part = held.subarray(0, most);
      held = held.slice(part.length);
      return part;
    },
    close: () => reader.cancel().catch(() => {}),
  };
}

type Headers = readonly (readonly [string, string])[];

function parseHead(text: string): { status: number; headers: Headers } {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: .*)?$/.exec(first)?.[1];
  if (status === undefined) throw new SyntaxError("the server does not speak HTTP/1");
  if (lines.length > MAX_HEADERS) throw new RangeError("the answer has too many headers");
  const headers = lines.map((line) => {
    const [, name, value = ""] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new SyntaxError("a header of the answer cannot be read");
    return [name.toLowerCase(), value.trimEnd()] as const;
  });
  return { status: Number(status), headers };
}

async function readBody(input: Input, headers: Headers, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const values = (wanted: string) => headers.flatMap(([name, value]) => name === wanted ? [value] : []);
  const [coding, ...codings] = values("transfer-encoding");
  const lengths = [...new Set(values("content-length"))];
  const kept = keepBytes(maxBytes);
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked" || codings.length > 0 || lengths.length > 0) {
      throw new SyntaxError("the answer's length is unclear");
    }
    return await readChunks(input, kept);
  }
  if (lengths.length > 1) throw new SyntaxError("the answer's length is unclear");
  const [length] = lengths;
  if (length === undefined) {
    for (let part; (part = await input.some(64 * 1024)) !== undefined;) kept.add(part);
    return kept.all();
  }
  if (!/^\d{1,15}$/.test(length)) throw new SyntaxError("the answer's length cannot be read");
  await readExactly(input, Number(length), kept);
  return kept.all();
}

async function readChunks(input: Input, kept: Kept): Promise<Uint8Array<ArrayBuffer>> {
  while (true) {
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(await input.line())?.[1];
    if (size === undefined) throw new SyntaxError("a chunk's size cannot be read");
    const bytes = parseInt(size, 16);
    if (bytes === 0) return kept.all(); // what may follow are trailers, which nobody reads
    await readExactly(input, bytes, kept);
    if (await input.line() !== "") throw new SyntaxError("a chunk is longer than it says");
  }
}

async function readExactly(input: Input, bytes: number, kept: Kept): Promise<void> {
  kept.check(bytes);
  for (let left = bytes; left > 0;) {
    const part = await input.some(left);
    if (part === undefined) throw new SyntaxError("the connection ended in the body");
    kept.add(part);
    left -= part.length;
  }
}

interface Kept {
  check(more: number): void;
  add(part: Uint8Array): void;
  all(): Uint8Array<ArrayBuffer>;
}

function keepBytes(most: number): Kept {
  const parts: Uint8Array[] = [];
  let total = 0;
  const check = (more: number) => {
    if (total + more > most) throw new RangeError(`the answer is longer than ${most} bytes`);
  };
  return {
    check,
    add(part) {
      check(part.length);
      total += part.length;
      parts.push(part.slice());
    },
    all() {
      const all = new Uint8Array(total);
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return all;
    },
  };
}

/** A small packed body can unpack to gigabytes: the bound holds while it is unpacked. */
async function unpack(
  body: Uint8Array<ArrayBuffer>,
  headers: Headers,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const coding = headers.find(([name]) => name === "content-encoding")?.[1].toLowerCase() ?? "identity";
  if (coding === "identity" || coding === "" || body.length === 0) return body;
  const format = coding === "x-gzip" ? "gzip" : coding;
  if (format !== "gzip" && format !== "deflate") {
    throw new SyntaxError(`the answer is packed as "${coding}"`);
  }
  const kept = keepBytes(maxBytes);
  try {
    for await (const part of new Blob([body]).stream().pipeThrough(new DecompressionStream(format))) {
      kept.add(part);
    }
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new SyntaxError("the answer's body cannot be unpacked", { cause: error });
  }
  return kept.all();
}
