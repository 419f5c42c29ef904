/**
 * Keeps secrets on this machine: a transport that names them by placeholders in all it sends, and puts them back into what comes. A `****`
 * would do for reading, but a model that writes the file again would write it over the secret.
 */

import type { Transport } from "../model/transport.ts";
import type { Message, Reply } from "../types.ts";

export interface HiddenSecrets {
  readonly transport: Transport;
  /** A text as it would be sent. */
  readonly hide: (text: string) => string;
  /** Secrets hidden so far. */
  readonly count: () => number;
}

/**
 * @param options `find` gives the secrets in a text; `nonce`: a few letters that make placeholders unlike any text of the project
 */
export function hideSecrets(
  transport: Transport,
  options: { readonly find: (text: string) => readonly string[]; readonly nonce: string },
): HiddenSecrets {
  const placeholders = new Map<string, string>();
  const hide = (text: string): string => {
    for (const secret of options.find(text)) {
      if (!placeholders.has(secret)) {
        placeholders.set(secret, `HIDDEN_SECRET_${options.nonce}_${placeholders.size + 1}_`);
      }
    }
    // The longest first: a secret may begin with another.
    const known = [...placeholders].sort(([a], [b]) => b.length - a.length);
    return known.reduce((left, [secret, placeholder]) => left.replaceAll(secret, () => placeholder), text);
  };
  const restore = (text: string, write: (secret: string) => string): string =>
    [...placeholders].reduce(
      (left, [secret, placeholder]) => left.replaceAll(placeholder, () => write(secret)),
      text,
    );
  const hideAll = (messages: readonly Message[]) => messages.map((message) => hideMessage(message, hide));
  return {
    hide,
    count: () => placeholders.size,
    transport: {
      get facts() {
        return transport.facts;
      },
      async chat(request, options) {
        const messages = hideAll(request.messages);
        const reply = await transport.chat({ ...request, messages }, options);
        return restoreReply(reply, restore);
      },
      countTokens: (request, signal) =>
        transport.countTokens({ ...request, messages: hideAll(request.messages) }, signal),
      estimateTokens: (text) => transport.estimateTokens(text),
      close: () => transport.close(),
    },
  };
}

function hideMessage(message: Message, hide: (text: string) => string): Message {
  const content = hide(message.content);
  if (message.role !== "assistant") return { ...message, content };
  return {
    ...message,
    content,
    ...(message.reasoning === undefined ? {} : { reasoning: hide(message.reasoning) }),
    calls: message.calls.map((call) => ({ ...call, args: mapStrings(call.args, hide) as typeof call.args })),
  };
}

function restoreReply(
  reply: Reply,
  restore: (text: string, write: (secret: string) => string) => string,
): Reply {
  return {
    ...reply,
    text: restore(reply.text, (secret) => secret),
    calls: reply.calls.map((call) => ({
      ...call,
      // Inside JSON, where a quote or a line's end has to stay escaped.
      arguments: restore(call.arguments, (secret) => JSON.stringify(secret).slice(1, -1)),
    })),
  };
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change)]));
}
