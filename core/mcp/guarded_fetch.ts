/** Requests to an MCP server that is reached by URL: to its own scheme, host and port only, answers bounded. */

/** As many as a local server's line may have. */
const MAX_BODY_BYTES = 8_000_000;

/**
 * A `fetch` that goes to the origin of `url` and nowhere else, with the key. GET, by which a server would send what it was not asked for, is
 * answered here with 405, which the protocol allows.
 */
export function guardFetch(
  { url, apiKey }: { readonly url: string; readonly apiKey?: string },
): (input: string | URL, init?: RequestInit) => Promise<Response> {
  const { origin } = new URL(url);
  return async (input, init) => {
    if (new URL(input).origin !== origin) throw new TypeError(`only ${origin} is asked`);
    if (init?.method === "GET") return new Response(null, { status: 405 });
    const headers = new Headers(init?.headers);
    if (apiKey !== undefined) headers.set("authorization", `Bearer ${apiKey}`);
    return bounded(await fetch(input, { ...init, headers, redirect: "manual" }));
  };
}

function bounded(response: Response): Response {
  if (!response.body) return response;
  let left = MAX_BODY_BYTES;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        left -= chunk.length;
        if (left < 0) controller.error(new RangeError("the answer is too long"));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted, { status, statusText, headers });
}
