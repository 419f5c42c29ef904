import { deepEqual, equal, ok } from "node:assert/strict";
import type { ModelRequest, Transport } from "../model/transport.ts";
import type { Message, Reply } from "../types.ts";
import { hideSecrets } from "./hidden_secrets.ts";

const KEY = "sk-abcdefghijklmnopqrst";
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIB"x\n';
const find = (text: string) => [KEY, PEM].filter((secret) => text.includes(secret));

/** A transport that answers with what `answer` makes of the last request. */
function echo(answer: (request: Pick<ModelRequest, "messages">) => Partial<Reply>) {
  const sent: Pick<ModelRequest, "messages">[] = [];
  const transport: Transport = {
    facts: {} as Transport["facts"],
    chat(request) {
      sent.push(request);
      const empty: Reply = { text: "", reasoning: "", calls: [], finish: "stop", usage: {}, timings: {} };
      return Promise.resolve({ ...empty, ...answer(request) });
    },
    countTokens(request) {
      sent.push(request);
      return Promise.resolve({ tokens: 1, exact: true });
    },
    estimateTokens: () => 1,
    close: () => {},
  };
  return { transport, sent };
}

const options = { signal: new AbortController().signal, onPart: () => {} };
const REST = { tools: [], sampling: {}, maxTokens: 10 };

Deno.test("hideSecrets() sends no secret, in whatever part of a message it stands", async () => {
  const { transport, sent } = echo(() => ({}));
  const hidden = hideSecrets(transport, { find, nonce: "q7" });
  const messages: Message[] = [
    { role: "system", content: `the key is ${KEY}.` },
    { role: "user", content: PEM },
    {
      role: "assistant",
      content: KEY,
      reasoning: KEY,
      calls: [{ id: "1", name: "bash", args: { command: `use ${KEY}`, list: [KEY] } }],
      via: "native",
    },
    { role: "tool", callId: "1", name: "bash", content: `${KEY}${KEY}` },
  ];
  await hidden.transport.chat({ ...REST, messages }, options);
  await hidden.transport.countTokens({ messages, tools: [] }, options.signal);
  const text = JSON.stringify(sent);
  ok(!text.includes(KEY) && !text.includes("MIIB"), text);
  equal(hidden.count(), 2);
  equal(sent[0]?.messages[0]?.content, "the key is HIDDEN_SECRET_q7_1_.");
  deepEqual(sent[0], { ...REST, messages: sent[1]?.messages });
});

Deno.test("hideSecrets() puts secrets back where the model writes a file again", async () => {
  const { transport } = echo(({ messages }) => ({
    text: messages[0]?.content ?? "",
    calls: [{ name: "write_file", arguments: JSON.stringify({ content: messages[0]?.content }) }],
  }));
  const hidden = hideSecrets(transport, { find, nonce: "q7" });
  const content = `a = "${KEY}"\nb = """${PEM}"""\n`;
  const reply = await hidden.transport.chat({ ...REST, messages: [{ role: "user", content }] }, options);
  equal(reply.text, content);
  deepEqual(JSON.parse(reply.calls[0]?.arguments ?? ""), { content });
});

Deno.test("hideSecrets() names a secret alike in each request, so that the server's cache holds", () => {
  const hidden = hideSecrets(echo(() => ({})).transport, { find, nonce: "x" });
  const first = hidden.hide(`${PEM} ${KEY}`);
  equal(hidden.hide(`${PEM} ${KEY}`), first);
  equal(hidden.hide("nothing"), "nothing");
});
