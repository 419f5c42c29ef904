/** A model's reply -> the plan in it, in whatever list form; a summary of what was done is none. Pure, linear. */

import { type List, readLists } from "./list.ts";

/** A step as it was read. */
export interface ReadStep {
  readonly text: string;
  readonly isDone: boolean;
}

export interface ReadOptions {
  /** A plan was asked for: a bare list is one. Else it has to be called so, or to tell what will be done. */
  readonly asked: boolean;
  /** Files were changed already: a bare list tells of that, unless it is called a plan. */
  readonly changed: boolean;
}

export const MIN_STEPS = 2;
export const MAX_STEPS = 8;
/** A longer list is no plan of one task. */
const MOST_ITEMS = 20;
/** Characters of a step that are kept. */
const STEP_CHARS = 160;
/** A reply's plan stands near its beginning or its end. */
const SEEN_CHARS = 20_000;

const CALLED_PLAN =
  /\b(?:plan|steps?|to-?dos?|task list|checklist|approach|roadmap|schritte|vorgehen|[ée]tapes|pasos|passos|plano)\b|план|шаги|計画|步骤|계획/iu;
const WILL =
  /\b(?:i will|i'll|we will|we'll|let's|let me|i am going to|i'm going to|i need to|we need to|need to|have to|ich werde|je vais|voy a|vou)\b/i;
const SUMMARY =
  /\b(?:summary|changes made|changes:|what (?:i|was) (?:did|changed|done)|i (?:have|'ve) \w+ed|have been|has been|was (?:added|changed|updated|created)|were (?:added|changed|updated|created)|here(?:'s| is) what i|zusammenfassung|r[ée]sum[ée]|resumen|resumo)\b/i;
const PAST =
  /^(?:i |we |it |the \w+ (?:now|was|were|has|is|are) )?(?:have |has |now )?(?:added|created|updated|fixed|removed|implemented|changed|renamed|moved|wrote|written|refactored|replaced|extracted|introduced|deleted|installed|configured|ran|tested|verified|documented|improved|converted|handled|made|hinzugef[üu]gt|erstellt|ge[äa]ndert|ajout[ée]|cr[ée][ée]|modifi[ée]|añadid|cread|adicionad|criad|alterad)\w*\b|\b(?:now|already) (?:returns|has|uses|works|reads|prints)\b/i;
const OPTION = /^(?:option|variant|alternative|pro|con|note|warning|example|advantage|disadvantage)s?\b/i;

/** The plan of a reply; `undefined` where there is none. @param text what stands around the calls, or the reasoning */
export function readPlan(text: string, options: ReadOptions): readonly ReadStep[] | undefined {
  const seen = text.length <= SEEN_CHARS
    ? text
    : `${text.slice(0, SEEN_CHARS / 2)}\n${text.slice(-SEEN_CHARS / 2)}`;
  const json = readJson(seen);
  if (json && isPlan({ marker: "number", isSteps: true, items: json, heading: "plan" }, seen, options)) {
    return trim(json);
  }
  const lists = readLists(seen).filter((list) => isPlan(list, seen, options));
  const inFences = options.asked && lists.length === 0
    ? readLists(textFences(seen), { inFences: true }).filter((list) => isPlan(list, seen, options))
    : [];
  const best = [...lists, ...inFences].sort((a, b) => worth(b) - worth(a))[0];
  if (best) return trim(best.items);
  const told = options.asked && !options.changed ? readProsePlan(seen) : [];
  return told.length >= MIN_STEPS ? trim(told) : undefined;
}

function worth({ marker, isSteps, heading, items }: List): number {
  return (CALLED_PLAN.test(heading) ? 8 : 0) +
    (isSteps || marker === "check" ? 6 : marker === "number" ? 4 : 0) +
    Math.min(items.length, MAX_STEPS) / 10;
}

function isPlan(list: List, text: string, { asked, changed }: ReadOptions): boolean {
  const { items, heading, marker, isSteps } = list;
  if (items.length < MIN_STEPS || items.length > MOST_ITEMS) return false;
  const open = items.filter(({ isDone }) => !isDone);
  if (open.length === 0) return false;
  const told = open.filter((item) => PAST.test(item.text) || OPTION.test(item.text)).length;
  if (told * 2 >= open.length || SUMMARY.test(heading) && !isSteps) return false;
  if (CALLED_PLAN.test(heading) && !SUMMARY.test(heading)) return true;
  if (changed) return marker === "check" && open.length < items.length;
  if (isSteps || marker === "check" || asked) return true;
  return WILL.test(heading) || marker === "number" && WILL.test(text.slice(0, 400)) && !SUMMARY.test(text);
}

/** Prose of thinking models: "First, I will read a.py. Then I'll add x. Finally, run the tests." */
const SIGNAL =
  /(?:^|[.!\n;] *|, (?:and )?)(?:so |okay,? |ok,? |and )?(?:(?:the )?(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|fifth|next|then|after that|afterwards|finally|lastly|zuerst|dann|danach|schließlich|ensuite|enfin|luego|después|finalmente|depois|primero|primeiro|d'abord)\b(?: step)?(?: is(?: to)?)?,? )/gi;
const INTENT =
  /^(?:(?:i|we)(?:'ll| will| need to| should| must| have to| can| want to| am going to| are going to|'m going to)|let's|let me|ich werde|werde ich|je vais|voy a|vou) /i;

function readProsePlan(text: string): readonly ReadStep[] {
  const marks = [...text.matchAll(SIGNAL)].slice(0, MOST_ITEMS);
  return marks.flatMap((mark, index) => {
    const from = mark.index + mark[0].length;
    const piece = text.slice(from, Math.min(marks[index + 1]?.index ?? text.length, from + 400));
    const said = (piece.split(/[.!?](?:\s|$)|\n/)[0] ?? "").trim();
    const step = said.replace(INTENT, "").replace(/[,;: ]+$/, "");
    const isStep = said !== step && step.split(" ").length >= 2 && !PAST.test(step) ||
      /^(?:read|open|add|create|change|update|write|fix|run|test|rename|move|remove|replace|check|look)\b/i
        .test(step);
    return isStep ? [{ text: step, isDone: false }] : [];
  });
}

/** `{"plan": ["…"]}`, `{"steps": [{"step": "…"}]}`, `["…", "…"]`: the first array of texts in a JSON value. */
function readJson(text: string): readonly ReadStep[] | undefined {
  const start = text.search(/[[{]\s*(?:["{[])/);
  if (start < 0) return undefined;
  const end = Math.max(text.lastIndexOf("]"), text.lastIndexOf("}"));
  if (end <= start) return undefined;
  try {
    return stepsIn(JSON.parse(text.slice(start, end + 1)), 0);
  } catch {
    return undefined; // Not JSON: other forms are tried.
  }
}

function stepsIn(value: unknown, depth: number): readonly ReadStep[] | undefined {
  if (typeof value !== "object" || value === null || depth > 2) return undefined;
  if (Array.isArray(value)) {
    const steps = value.map(stepOf);
    return steps.length >= MIN_STEPS && steps.every((step) => step !== undefined) ? steps : undefined;
  }
  const record = value as Record<string, unknown>;
  if ("name" in record && ("arguments" in record || "parameters" in record)) return undefined; // a call
  const named = Object.entries(record).filter(([key]) => CALLED_PLAN.test(key)).map(([, inner]) => inner);
  const numbered = Object.entries(record).filter(([key]) => /^(?:step[ _-]?)?\d+$/i.test(key));
  if (numbered.length >= MIN_STEPS) return stepsIn(numbered.map(([, inner]) => inner), depth + 1);
  for (const inner of named) {
    const found = stepsIn(inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function stepOf(value: unknown): ReadStep | undefined {
  if (typeof value === "string") return { text: value, isDone: false };
  if (typeof value !== "object" || value === null) return undefined;
  const record = value as Record<string, unknown>;
  const text = ["step", "description", "task", "text", "title", "action", "content", "name"]
    .map((key) => record[key]).find((inner) => typeof inner === "string");
  const status = String(record.status ?? record.done ?? record.state ?? "");
  return typeof text === "string"
    ? { text, isDone: /^(?:true|done|completed?|finished)$/i.test(status) }
    : undefined;
}

/** Fences that hold text rather than code. */
function textFences(text: string): string {
  return [...text.matchAll(/```(?:text|plaintext|markdown|md|plan|txt)?[ \t]*\n([\s\S]*?)```/gi)]
    .map(([, inner]) => inner).join("\n");
}

/** At most `MAX_STEPS`: what is more becomes part of the last one. */
export function trim(steps: readonly ReadStep[]): readonly ReadStep[] {
  const clean = steps.map(({ text, isDone }) => ({ text: shorten(text), isDone })).filter(({ text }) =>
    text !== ""
  );
  if (clean.length <= MAX_STEPS) return clean;
  const rest = clean.slice(MAX_STEPS - 1);
  const last = {
    text: shorten(rest.map(({ text }) => text).join("; ")),
    isDone: rest.every(({ isDone }) => isDone),
  };
  return [...clean.slice(0, MAX_STEPS - 1), last];
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= STEP_CHARS ? line : `${line.slice(0, STEP_CHARS - 1)}…`;
}

const DONE_WORDS =
  "(?:done|complete[d]?|finished|ready|erledigt|fertig|termin[ée]e?|fini[e]?|hech[oa]|completad[oa]|listo|feit[oa]|conclu[ií]d[oa]|pront[oa]|готов[оа]?)";
const STEP = "(?:steps?|schritte?|[ée]tapes?|pasos?|passos?|шаги?)";
const STEP_DONE = new RegExp(
  `(?<![\\p{L}\\d])${STEP} #?(\\d)(?:(?:,| and| to| -|-|–| und| et| y| e| bis)+ ?(\\d))?(?: (?:is|are|now|ist|sind|est|sont|está|foi|has been|have been|been)){0,3}[: ]+${DONE_WORDS}(?![\\w])|(?<!\\w)${DONE_WORDS}(?: with| mit)? ${STEP} #?(\\d)(?:(?:,| and| to|-|–)+ ?(\\d))?`,
  "giu",
);

/** Numbers of the steps, from 1, that a reply says are done: "step 2 is done", "[x] 3. …", "Done with steps 1 and 2". */
export function saidDone(text: string): readonly number[] {
  const seen = text.slice(0, SEEN_CHARS);
  const said = new Set<number>();
  for (const [, a, b, c, d] of seen.matchAll(STEP_DONE)) {
    const from = Number(a ?? c);
    const to = Number(b ?? d ?? from);
    for (let n = from; n <= Math.min(to, MAX_STEPS); n++) said.add(n);
  }
  for (const list of readLists(seen)) {
    if (list.marker === "bullet" || list.items.length < MIN_STEPS) continue;
    list.items.forEach(({ isDone }, index) => isDone && said.add(index + 1));
  }
  return [...said].sort((a, b) => a - b);
}
