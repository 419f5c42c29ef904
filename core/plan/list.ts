/** Lists in a text, however they are written: numbered, lettered, bullets, checkboxes, "Step 1:", headings, or in one line. Pure, linear. */

/** How an item is marked. `number` includes "Step 1:" and letters. */
export type Marker = "number" | "check" | "bullet";

export interface ListItem {
  /** Without marker and emphasis, one line. */
  readonly text: string;
  /** Ticked, struck out, or marked as done. */
  readonly isDone: boolean;
}

/** Items that belong together, and the words in front of them. */
export interface List {
  readonly marker: Marker;
  /** Each is written as `Step N`. */
  readonly isSteps: boolean;
  readonly items: readonly ListItem[];
  /** The nearest line above that is not blank and no item; empty where there is none. */
  readonly heading: string;
}

/** Longer lines are prose or data, not items. */
const MAX_LINE = 400;

const STEP_WORD = "(?:step|schritt|[ée]tape|paso|passo|passaggio|этап|шаг|ステップ|步骤|단계)";
const WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
const NUMBERED = new RegExp(
  `^(?:#{1,6} +)?(?:\\*\\*|__)?(?:[([]?(\\d{1,2})(?:[.)\\]:]|\\. ?[)-]| [-–—])(?!\\d)|${STEP_WORD} ?#?(\\d{1,2}|${
    WORDS.join("|")
  })\\b ?[:.)–—-]?|([①-⑨])|[(]?([a-h])[)](?= ))(?:\\*\\*|__)?[ \\t]*`,
  "iu",
);
const BULLET = /^(?:[-*+•‣▪●–—] +|[•‣▪●])/u;
const BOX = /^(?:\[([ xX✓✔✅*-]?)\]|([☐☑✅✓✔⬜]))[ \t]*/u;
const DONE = /^~~.*~~$|[(\[](?:done|completed?|finished|erledigt|fertig|fait|hecho|feito)[)\]]$|[✓✔✅]$/iu;

interface Line {
  readonly indent: number;
  readonly marker?: Marker;
  readonly number?: number;
  readonly isStep: boolean;
  readonly isDone: boolean;
  readonly text: string;
}

/** All lists of a text, in order. Lines inside code fences count only with `inFences`. */
export function readLists(text: string, options: { readonly inFences?: boolean } = {}): readonly List[] {
  const lists: Open[] = [];
  let open: Open | undefined;
  let heading = "";
  let fence = "";
  for (const raw of text.split("\n")) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(raw)?.[1];
    if (mark !== undefined) {
      if (fence === "") fence = mark;
      else if (mark.startsWith(fence)) fence = "";
      continue;
    }
    if (fence !== "" && options.inFences !== true || raw.trim() === "") continue;
    const line = readLine(raw);
    if (line.marker === undefined) {
      // Numbers go on over prose and code between them, bullets do not; an indented line belongs to its item.
      if (open && line.indent <= open.indent && open.marker !== "number") open = undefined;
      if (!open || line.indent <= open.indent) heading = line.text;
      continue;
    }
    const isDeeper = open !== undefined && line.indent > open.indent + 1;
    const isUnder = open?.marker === "number" && line.marker !== "number";
    if (open && (isDeeper || isUnder && line.indent >= open.indent)) continue;
    const goesOn = open && line.marker === open.marker &&
      (line.marker !== "number" || line.number === open.last + 1);
    if (!open || !goesOn) {
      open = { marker: line.marker, isSteps: true, items: [], heading, indent: line.indent, last: 0 };
      lists.push(open);
    }
    open.items.push({ text: line.text, isDone: line.isDone });
    open.isSteps &&= line.isStep;
    open.last = line.number ?? 0;
  }
  return lists.map(({ marker, isSteps, items, heading }) => ({ marker, isSteps, items, heading }));
}

interface Open {
  readonly marker: Marker;
  isSteps: boolean;
  readonly items: ListItem[];
  readonly heading: string;
  readonly indent: number;
  last: number;
}

function readLine(raw: string): Line {
  const trimmed = raw.trimStart();
  const indent = raw.length - trimmed.length;
  const plain = { indent, isStep: false, isDone: false };
  if (trimmed.length > MAX_LINE) return { ...plain, text: bare(trimmed.slice(0, MAX_LINE)) };
  const bullet = BULLET.exec(trimmed)?.[0] ?? "";
  const afterBullet = trimmed.slice(bullet.length);
  const box = BOX.exec(afterBullet);
  if (box && (bullet !== "" || box[2] !== undefined)) {
    const isTicked = (box[1] ?? "").trim() !== "" && box[1] !== "-" || /[☑✅✓✔]/u.test(box[2] ?? "");
    const text = afterBullet.slice(box[0].length);
    return text === "" ? { ...plain, text: "" } : {
      ...plain,
      marker: "check",
      isDone: isTicked || DONE.test(text.trim()),
      text: bare(text),
    };
  }
  const numbered = NUMBERED.exec(afterBullet);
  if (numbered) {
    const rest = afterBullet.slice(numbered[0].length);
    const inner = BOX.exec(rest);
    const text = bare(inner ? rest.slice(inner[0].length) : rest);
    if (text !== "") {
      const isTicked = inner !== null && /[xX✓✔✅☑]/u.test(inner[0]);
      const isStep = numbered[2] !== undefined;
      return {
        ...plain,
        marker: "number",
        number: numberOf(numbered),
        isStep,
        isDone: isTicked || DONE.test(rest.trim()),
        text,
      };
    }
  }
  if (bullet !== "" && afterBullet.trim() !== "") {
    return { ...plain, marker: "bullet", isDone: DONE.test(afterBullet.trim()), text: bare(afterBullet) };
  }
  return { ...plain, text: bare(trimmed) };
}

function numberOf([, digits, step, circled, letter]: RegExpExecArray): number {
  const written = digits ?? step;
  if (written !== undefined) {
    const word = WORDS.indexOf(written.toLowerCase());
    return word >= 0 ? word + 1 : Number(written);
  }
  if (circled !== undefined) return (circled.codePointAt(0) ?? 0) - 0x245f;
  return (letter ?? "a").toLowerCase().charCodeAt(0) - 96;
}

/** Without emphasis, heading marks, ticks and the colon at the end. */
function bare(text: string): string {
  return text.replace(/^#{1,6} +/, "").replace(/\*\*|__|~~/g, "")
    .replace(/\s*[✓✔✅]\s*$/u, "").replace(/\s+/g, " ").replace(/[\s:]+$/, "").trim();
}

const INLINE = new RegExp(
  `(?:^|[\\s:.;,(。、：])(?:${STEP_WORD} ?)?(\\d)[).:](?= )|(?:^|[\\s:.;,。、：])${STEP_WORD} ?(\\d)\\b[:,.]?(?= )`,
  "giu",
);

/** Items that stand in one line: `1) this 2) that`, `Step 1: this. Step 2: that.` Fewer than two: none. */
export function readInlineList(text: string): readonly string[] {
  const line = text.replace(/\s+/g, " ");
  const marks: { readonly from: number; readonly to: number }[] = [];
  for (const match of line.matchAll(INLINE)) {
    if (Number(match[1] ?? match[2]) !== marks.length + 1) continue;
    marks.push({ from: match.index, to: match.index + match[0].length });
  }
  if (marks.length < 2) return [];
  return marks.map(({ to }, i) =>
    bare(line.slice(to, marks[i + 1]?.from ?? line.length)).replace(/[\s.,;(]+$/, "")
  ).filter((item) => item !== "");
}
