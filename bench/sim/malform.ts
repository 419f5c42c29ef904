/** How a simulated model spoils a call: one row for each way that real replies show, with how often it is chosen among those that apply. */

/** A way to spoil a call. */
export interface Malformation {
  readonly name: string;
  /** How often it is chosen, relative to the others that apply. */
  readonly share: number;
  /** `text`: not in the arguments of a native call. */
  readonly only?: "text";
  /** The call, spoiled; the same text where there is nothing to spoil in this way. */
  readonly spoil: (text: string) => string;
}

/**
 * Shares of raw blocks are counts of replies that were seen so (the table in `rates.ts`). Of calls in JSON only the shapes are documented, not how
 * often each is: those that REALMODEL (Qwen2.5-Coder-1.5B) was seen with count double. "corpus" is `shared/corpus/README.md`.
 */
export const MALFORMATIONS: readonly Malformation[] = [
  // corpus, adversarial rows: the output limit cuts in the middle.
  { name: "cut", share: 2, spoil: (text) => text.slice(0, Math.ceil(text.length * 0.6)) },
  // corpus, `partial_last_call`: all is said but the closing mark.
  {
    name: "unclosed",
    share: 1,
    spoil: (text) => text.replace(/(?:\n```|\n<\/tool_call>|\n?>>>>>>> REPLACE|\}|\])$/, ""),
  },
  // corpus, REALMODEL.
  { name: "trailing_comma", share: 2, spoil: inJson((text) => text.replace(/"\}/, '",}')) },
  // corpus, REALMODEL.
  { name: "raw_newlines", share: 2, spoil: inJson((text) => text.replaceAll("\\n", "\n")) },
  // corpus, REALMODEL: Python's triple quotes, the value between them as it stands.
  { name: "triple_quotes", share: 2, spoil: inJson(tripleQuote) },
  // corpus, adversarial rows: a Python dict.
  { name: "single_quotes", share: 1, spoil: inJson((text) => text.replaceAll(/(?<!\\)"/g, "'")) },
  // corpus, adversarial rows: an escape that JSON does not know.
  { name: "bad_escape", share: 1, spoil: inJson((text) => text.replaceAll("'", "\\'")) },
  // corpus, llama3.
  {
    name: "parameters_key",
    share: 1,
    spoil: inJson((text) => text.replace('"arguments":', '"parameters":')),
  },
  // corpus, hermes: several objects in one tag.
  {
    name: "said_twice",
    share: 1,
    only: "text",
    spoil: inJson((text) => text.replace(/^\{.*\}$/m, (call) => `${call}\n${call}`)),
  },
  // seen: 12 replies, arguments in words of their own.
  {
    name: "prose_arguments",
    share: 12,
    spoil: inRaw((text) =>
      text.replace(
        /^(\w+ \S+)\n<{7} SEARCH\n([^\n]*)\n(?:[^\n]*\n)*?={7}\n([^\n]*)[^]*$/,
        (_, header, old, now) => `${header} replace "${old.trim()}" "${now.trim()}" replace_all false`,
      )
    ),
  },
  // seen: 3 replies.
  {
    name: "half_marks",
    share: 3,
    spoil: inRaw((text) =>
      text.replace(
        /^(\w+ \S+)\n<{7} SEARCH\n[^]*?={7}\n([^\n]*)[^]*$/,
        (_, header, now) => `${header} >>>>>>> ${now}`,
      )
    ),
  },
  // seen: 2 replies.
  {
    name: "path_and_pairs",
    share: 2,
    spoil: inRaw((text) => text.replace(/^(patch \S+)(?=\n<{7} SEARCH)/, "$1 replace_all=false")),
  },
  // seen: 1 reply.
  {
    name: "function_form",
    share: 1,
    spoil: inRaw((text) => text.replace(/^(\w+) (\S+)$/, '$1("$2")')),
  },
  // DESIGN decision 4: markers are copied badly.
  { name: "short_marker", share: 1, spoil: (text) => text.replace("<<<<<<< SEARCH", "<<<<<< SEARCH") },
  // corpus, REALMODEL: the result that it expects, as text.
  {
    name: "echoed_response",
    share: 2,
    only: "text",
    spoil: (text) => `${text}\n<tool_response>\n{"ok": true}\n</tool_response>`,
  },
  // corpus: `</think>` without an opener is common.
  {
    name: "orphan_think",
    share: 1,
    only: "text",
    spoil: (text) => `I should use a tool for that.\n</think>\n\n${text}`,
  },
  // corpus, REALMODEL: the fence, then newlines up to the output limit.
  { name: "empty_fence", share: 1, only: "text", spoil: () => `\`\`\`json\n${"\n".repeat(4_000)}` },
];

/**
 * Spoils a call in one way that applies to it.
 * @param place whether it stands in the reply's text or is the arguments of a native call
 * @param random gives a number from 0 up to 1
 */
export function malform(text: string, place: "text" | "native", random: () => number): string {
  const able = MALFORMATIONS.filter(({ only }) => only === undefined || only === place)
    .map(({ share, spoil }) => ({ share, spoiled: spoil(text) }))
    .filter(({ spoiled }) => spoiled !== text);
  let left = random() * able.reduce((sum, { share }) => sum + share, 0);
  for (const { share, spoiled } of able) {
    left -= share;
    if (left < 0) return spoiled;
  }
  return text;
}

/** Leaves raw blocks alone: there the same change would be to the file's own text. */
function inJson(spoil: (text: string) => string): (text: string) => string {
  return (text) => /^(?:```json\n|<tool_call>\n)?\{/.test(text) ? spoil(text) : text;
}

/** Leaves everything but raw blocks alone. */
function inRaw(spoil: (text: string) => string): (text: string) => string {
  return (text) => /^[a-z_]+[ \n]/.test(text) ? spoil(text) : text;
}

function tripleQuote(text: string): string {
  const values = [...text.matchAll(/:("(?:[^"\\]|\\.)*")/g)].map(([, value = ""]) => value)
    .filter((value) => value.includes("\\n"));
  const longest = values.reduce((most, value) => value.length > most.length ? value : most, "");
  return longest === "" ? text : text.replace(longest, () => `"""${JSON.parse(longest)}"""`);
}
