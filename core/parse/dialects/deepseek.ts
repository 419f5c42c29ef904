/** DeepSeek V3 / R1: `<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{json}<｜tool▁call▁end｜>`; R1 puts `function` before the separator. */

import { readJson } from "../json_repair.ts";
import { type Dialect, matchAt, skipSpace } from "../scan.ts";

const MARK = (words: string) => String.raw`<[|\uff5c]${words.replaceAll(" ", "[\u2581_ ]")}[|\uff5c]>`;
const HEAD = new RegExp(
  `${MARK("tool call begin")}\\s*(?:function\\s*${MARK("tool sep")}\\s*([\\w.-]{1,100})|([\\w.-]{1,100})\\s*${
    MARK("tool sep")
  })\\s*(?:\`\`\`(?:json)?\\s*)?`,
  "y",
);
const TAIL = new RegExp(`\\s*(?:\`\`\`)?\\s*(?:${MARK("tool call end")})?`, "y");

/** Calls between DeepSeek's tokens. */
export const deepseek: Dialect = {
  name: "deepseek",
  opens: String.raw`${MARK("tool call begin")}(?!\s*functions\.)`,
  read(scan, at) {
    const { text } = scan;
    const head = matchAt(text, at, HEAD);
    if (!head) return undefined;
    const name = head[1] ?? head[2] ?? "";
    const from = at + head[0].length;
    const base = { name, start: at, dialect: "deepseek", isMarked: true };
    if (text[from] !== "{") {
      const end = matchAt(text, skipSpace(text, from), new RegExp(MARK("tool call end"), "y"));
      return end
        ? [{ ...base, args: {}, end: skipSpace(text, from) + end[0].length, repairs: [] }]
        : undefined;
    }
    const read = readJson(text, from, scan.steps);
    if (!read) {
      return [{ ...base, args: undefined, end: from, repairs: [], broken: "the arguments cannot be read" }];
    }
    const tail = matchAt(text, read.end, TAIL);
    return [{
      ...base,
      args: read.value,
      end: read.end + (tail?.[0].length ?? 0),
      repairs: read.repairs,
      isCut: read.isCut,
      isOpen: read.isOpen,
    }];
  },
};
