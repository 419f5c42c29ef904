/** gpt-oss: `<|channel|>commentary to=functions.N <|constrain|>json<|message|>{...}<|call|>`; `to=` may precede the channel. */

import { readJson, readStrict } from "../json_repair.ts";
import { type Dialect, lineBefore, matchAt, skipSpace } from "../scan.ts";

const HEAD = /(?:<\|(?:start|channel|constrain)\|>[^<]{0,120}){1,5}<\|message\|>/y;
const RECIPIENT = /to=\s*((?:functions\.)?[\w.-]{1,100})/;
/** Where the template's own `<|start|>assistant` was in the prompt. */
const RECIPIENT_BEFORE = /(?:^|\s)to=\s*((?:functions\.)?[\w.-]{1,100})\s*$/;
const END = /<\|(?:call|end|return|start|channel)\|>/g;

/** Harmony's messages to a tool; those of other channels are read as text or reasoning elsewhere. */
export const harmony: Dialect = {
  name: "harmony",
  opens: /<\|(?:start|channel)\|>(?=[^<]{0,120}(?:<\|(?:channel|constrain)\|>[^<]{0,120}){0,3}<\|message\|>)/
    .source,
  read(scan, at) {
    const { text } = scan;
    const head = matchAt(text, at, HEAD);
    const before = RECIPIENT_BEFORE.exec(lineBefore(text, at));
    const name = head && (RECIPIENT.exec(head[0])?.[1] ?? before?.[1]);
    if (!head || name === undefined) return undefined;
    const from = skipSpace(text, at + head[0].length);
    END.lastIndex = from;
    const mark = END.exec(text);
    const end = mark?.index ?? text.length;
    scan.steps.add(end - from);
    const body = text.slice(from, end);
    const base = {
      name,
      start: before ? at - before[0].length : at,
      end: mark?.[0] === "<|call|>" || mark?.[0] === "<|end|>" ? end + mark[0].length : end,
      dialect: "harmony",
      isMarked: true,
    };
    if (body.trim() === "") return [{ ...base, args: {}, repairs: [] }];
    const read = /^[{\[]/.test(body)
      ? readStrict(body, 0, scan.steps) ?? readJson(body, 0, scan.steps)
      : undefined;
    // Its own parser takes nothing unclosed: a message that broke off is followed by the next one without a sign.
    if (!read || read.isCut || read.isOpen) {
      const isCut = read !== undefined && mark === null;
      return [{
        ...base,
        args: undefined,
        repairs: [],
        isCut,
        broken: "the arguments are not complete JSON",
      }];
    }
    return [{ ...base, args: read.value, repairs: read.repairs, isOpen: !mark }];
  },
};
