/**
 * A table of phrases, and whether a text begins with one or holds one. A table is text, a phrase a line or several with commas between:
 *
 *     sum up, suche+n             words; `+n` also with this ending: suche, suchen
 *     look/see at [the/my] file   `/` one of these; `[ ]` may be missing, `[ ]3` may come up to three times
 *     _ _3 *ing                   any word; up to three of any; a word with this ending
 *     show > me/us ; the file     only where one of these follows
 *     read ! ... from ; it $      only where none of these follows; `...` anywhere later, `$` and then nothing
 *
 * Words are what spaces stand between. A table is read when it is first asked.
 */

/** A list of phrases. */
export interface Phrases {
  /** Words of the longest phrase at the beginning; 0 when there is none. */
  leads(words: readonly string[]): number;
  /** Whether a phrase stands anywhere. */
  stands(words: readonly string[]): boolean;
}

interface Slot {
  readonly words: ReadonlySet<string>;
  readonly endings: readonly string[];
  readonly isAny: boolean;
  readonly least: 0 | 1;
  readonly most: number;
}

interface Phrase {
  readonly slots: readonly Slot[];
  /** One of these must come after it; empty: anything may. */
  readonly wants: readonly Follow[];
  /** None of these may. */
  readonly forbids: readonly Follow[];
}

interface Follow {
  readonly slots: readonly Slot[];
  /** Anywhere after the phrase, not only next to it. */
  readonly isLater: boolean;
  /** With it the text ends. */
  readonly isEnd: boolean;
}

/** Makes a table. */
export function phrases(table: string): Phrases {
  let index: ReadonlyMap<string, readonly Entry[]> | undefined;
  const lead = (words: readonly string[], from: number): number => {
    index ??= indexOf(table);
    const word = words[from];
    if (word === undefined) return 0;
    let most = 0;
    for (const entry of [...index.get(word) ?? [], ...index.get(ANY) ?? []]) {
      const phrase = entry.phrase ??= readPhrase(entry.text);
      most = Math.max(
        most,
        ...endsOf(phrase.slots, words, from).filter((end) => isAllowed(phrase, words, end)),
      );
    }
    return most === 0 ? 0 : most - from;
  };
  return {
    leads: (words) => lead(words, 0),
    stands: (words) => words.some((_, from) => lead(words, from) > 0),
  };
}

/** Key of the phrases that can begin with any word. */
const ANY = "_";

/** A phrase is read when a text has a word that it can begin with: most never are. */
interface Entry {
  readonly text: string;
  phrase?: Phrase;
}

function indexOf(table: string): ReadonlyMap<string, readonly Entry[]> {
  const index = new Map<string, Entry[]>();
  for (const text of table.split(/[,\n]/)) {
    if (text.trim() === "") continue;
    const entry: Entry = { text };
    for (const key of beginnings(text)) {
      const entries = index.get(key);
      if (entries) entries.push(entry);
      else index.set(key, [entry]);
    }
  }
  return index;
}

const SPECIAL = /[[\]_*+/]/;

/** The words that a phrase can begin with: those of its optional slots too. */
function beginnings(text: string): Iterable<string> {
  const parts = text.trim().split(" ");
  const [first = ""] = parts;
  if (!SPECIAL.test(first)) return [first]; // most of a table
  const keys = new Set<string>();
  for (const part of parts) {
    if (part === ">" || part === "!") break;
    const { words, endings, isAny, least } = readSlot(part);
    for (const word of words) keys.add(word);
    if (isAny || endings.length > 0) keys.add(ANY);
    if (least === 1) break;
  }
  return keys;
}

function readPhrase(text: string): Phrase {
  const [, said = "", wants = "", forbids = ""] = /^([^>!]*)(?:>([^!]*))?(?:!(.*))?$/.exec(text) ?? [];
  return { slots: readSlots(said), wants: readFollows(wants), forbids: readFollows(forbids) };
}

function readFollows(text: string): readonly Follow[] {
  return text.split(";").filter((part) => part.trim() !== "").map((part) => {
    const words = part.replace("...", "").replace("$", "").trim();
    return {
      slots: words === "" ? [] : readSlots(words),
      isLater: part.includes("..."),
      isEnd: part.includes("$"),
    };
  });
}

function readSlots(text: string): readonly Slot[] {
  return text.trim().split(" ").filter((part) => part !== "").map(readSlot);
}

function readSlot(part: string): Slot {
  const isOptional = part.startsWith("[");
  const times = Number(/[\]_](\d)$/.exec(part)?.[1] ?? 0);
  const inside = part.slice(isOptional ? 1 : 0, times > 0 ? -1 : undefined).replace("]", "");
  const names = inside.split("/").flatMap(withEndings);
  return {
    words: new Set(names.filter((name) => name !== ANY && !name.startsWith("*"))),
    endings: names.filter((name) => name.startsWith("*")).map((name) => name.slice(1)),
    isAny: names.includes(ANY),
    least: isOptional || times > 0 ? 0 : 1,
    most: times || 1,
  };
}

function withEndings(name: string): readonly string[] {
  const [stem = "", ...endings] = name.split("+");
  return [stem, ...endings.map((ending) => stem + ending)];
}

/** Where a phrase that begins at `from` can end. Bounded: a phrase has few slots that may be missing. */
function endsOf(slots: readonly Slot[], words: readonly string[], from: number): readonly number[] {
  let ends = new Set([from]);
  for (const slot of slots) {
    const next = new Set<number>();
    for (const at of ends) {
      if (slot.least === 0) next.add(at);
      for (let n = 0; n < slot.most && fits(slot, words[at + n]); n++) next.add(at + n + 1);
    }
    ends = next;
  }
  return [...ends];
}

function fits({ words, endings, isAny }: Slot, word: string | undefined): boolean {
  if (word === undefined) return false;
  return isAny || words.has(word) || endings.some((ending) => word.endsWith(ending));
}

function isAllowed({ wants, forbids }: Phrase, words: readonly string[], end: number): boolean {
  const comes = ({ slots, isLater, isEnd }: Follow) =>
    words.concat("").some((_, at) =>
      (at === end || isLater && at > end) &&
      endsOf(slots, words, at).some((after) => !isEnd || after === words.length)
    );
  return (wants.length === 0 || wants.some(comes)) && !forbids.some(comes);
}
