/** Whether a task has several steps: weighted features, no model. A simple task must never pay for a plan. Pure. */

import { asksForChange } from "../route/asks_for_change.ts";
import { type Clause, readClauses } from "../route/clauses.ts";
import { readProse } from "../route/prose.ts";
import { readInlineList, readLists } from "./list.ts";
import { filesToChange } from "./named_files.ts";

export interface Detected {
  readonly hasSteps: boolean;
  /** Sum of the features' weights. */
  readonly score: number;
  readonly features: readonly string[];
  /** The steps, where the message itself lists them: 2 or more, in the user's words. */
  readonly listed: readonly string[];
}

/** From this sum on a task has several steps. Chosen on `testdata/messages.jsonl`. */
const THRESHOLD = 3;

/** Words in the prose of `readProse()`: lower case, no accents. Each feature counts once. */
const CUES: readonly (readonly [string, number, RegExp])[] = [
  [
    "in order",
    2,
    /\b(?:first|firstly|to start with|zuerst|erst|als erstes|d abord|tout d abord|primero|primeiro)\b.*\b(?:then|after that|afterwards|next|finally|lastly|at the end|dann|danach|anschliessend|zum schluss|ensuite|puis|enfin|luego|despues|finalmente|depois|por fim)\b/s,
  ],
  ["then", 0.5, /\b(?:and )?(?:then|after that|finally|danach|anschliessend|ensuite|luego|depois|por fim)\b/],
  ["asks for steps", 3, /\b(?:step by step|schritt fur schritt|etape par etape|paso a paso|passo a passo)\b/],
  [
    "everywhere",
    2.2,
    /\b(?:everywhere|across (?:all|the)|throughout|(?:in |to )?(?:all|every|each)(?: of)?(?: the| our| single)? (?:\w+ )?(?:files?|modules?|components?|endpoints?|routes?|handlers?|pages?|callers?|imports?|usages?|classes|services?|controllers?|models?|links|class components|console)|every NAME|tous les (?:fichiers|modules|appels)|alle (?:importe?|dateien|aufrufer|module)|todos (?:los|os) (?:archivos|arquivos|imports)|(?:los|os) imports)\b/,
  ],
  [
    "port",
    3,
    /\b(?:migrat\w+|port|convert|rewrite|switch|upgrade|umstellen|migre[rz]?|migra\w*)\b(?! (?:this|it|that|diese\w*|cette|est[ea])\b)(?: \w+){0,4} (?:to|from|auf|vers|a|para) (?:typescript|javascript|python|go|golang|rust|java|kotlin|react|vue|svelte|angular|postgres\w*|mysql|mongodb|pytest|jest|vitest|esm|hooks|vite|deno|bun|django|flask|fastapi|express)\b/,
  ],
  [
    "whole program",
    2,
    /\b(?:rest )?(?:api|app|application|engine|crud|game|website|web ?site|cli|backend|frontend|package|library|anwendung|spiel|jeu|aplicacion|juego|aplicativo|jogo)\b(?: \w+){0,4} (?:with|fur|mit|avec|con|com|for|de|as)\b/,
  ],
  [
    "a part of a product",
    1,
    /\b(?:authentication|authorization|user management|benutzerverwaltung|autenticacao|autenticacion|authentification|pagination|search feature|settings page|profile page|page de profil|multi currency|i18n|dark mode|caching|logging|two player|jwt|ci|crud|rate limiting|error class)\b/,
  ],
  [
    "split",
    1.5,
    /\b(?:split|extract|move|separate|teile?|auslagern|verschiebe|divide|separe|decoupe|extrais|deplace)\b(?: \w+){0,6} (?:into|to|in|dorthin|en|vers|a|em|auf)\b|\beach in its own\b/,
  ],
  [
    "tests too",
    1,
    /\b(?:and|plus|with|mit|und|et|avec|y|con|e|com|also|then|dann|puis)(?: \w+){0,4} (?:unit |integration |regression )?(?:tests?|testfile|pruebas|testes|specs?)\b|\b(?:tests?|pruebas|testes) (?:erganzen|laufen|for (?:all|each|every|both))\b|\bcover (?:both|all|it|them) with\b/,
  ],
  [
    "in several places",
    2,
    /\b(?:(?:two|three|four|five|several) (?:places|files|modules|bugs|things)|all of (?:them|it))\b/,
  ],
  [
    "small",
    -2,
    /\b(?:typo|one ?liner|one line|nothing else|anything else|tippfehler|quick fix|leave \w+ alone|erro de digitacao|opechatk\w+)\b|опечатк/,
  ],
];

/** On the message as written: in the prose a README is a file like any other. */
const DOCS =
  /\b(?:update|document|mention|add|explain\w*|mets|actuali\w+|aktualisier\w+|ergänze)\b[^.\n]{0,60}\b(?:readme|docs|documentation|changelog)\b|\breadme\b[^.\n]{0,20}\baktualisieren/i;
/** How something is to be done, rather than one more thing to do. */
const CONSTRAINT = /^(?:use|cover|keep|ensure|make sure|leave|set it|do it|include)\b/;

/** Reads a message; one that asks for no change has no steps. */
export function detectSteps(task: string): Detected {
  const none = { hasSteps: false, score: 0, features: [], listed: [] };
  if (!asksForChange(task)) return none;
  const listed = listedSteps(task);
  const prose = readProse(task);
  const clauses = readClauses(prose).filter(({ text }) => text.split(" ").length > 1);
  const points: (readonly [string, number])[] = CUES.flatMap(([name, weight, pattern]) =>
    pattern.test(prose) ? [[name, weight] as const] : []
  );
  const changes = distinctChanges(clauses);
  if (changes >= 2) points.push([`${changes} changes`, Math.min(3, (changes - 1) * 0.9)]);
  const files = filesToChange(task).length;
  if (DOCS.test(task)) points.push(["docs too", 1]);
  if (files >= 2) points.push([`${files} files`, files === 2 ? 1.2 : 3]);
  const things = countThings(prose);
  if (things >= 3) points.push([`${things} things`, things === 3 ? 1.2 : 2]);
  if (listed.length >= 2) points.push([`${listed.length} listed`, 3]);
  const score = points.reduce((sum, [, weight]) => sum + weight, 0);
  return {
    hasSteps: score >= THRESHOLD,
    score: Math.round(score * 10) / 10,
    features: points.map(([name]) => name),
    listed,
  };
}

/** Clauses with a verb of change of their own. */
function distinctChanges(clauses: readonly Clause[]): number {
  const verbs = clauses.filter(({ mood, isExplicit }) => mood === "change" && isExplicit)
    .filter(({ text }) => !CONSTRAINT.test(text));
  return new Set(verbs.map(({ text }) => text)).size;
}

/** Members of the longest enumeration: "a table, hashing, endpoints, and tests". */
function countThings(prose: string): number {
  const sizes = prose.split(/[.!?;\n]/).map((sentence) => {
    const parts = sentence.split(/,|\b(?:and|plus|und|et|y|e)\b/).map((part) => part.trim()).filter(Boolean);
    // Short members make an enumeration; long ones are clauses, counted elsewhere.
    return parts.filter((part) => part.split(" ").length <= 5 && /\p{L}/u.test(part)).length +
      (parts.length > 1 ? 1 : 0);
  });
  return Math.max(0, ...sizes);
}

/** Whether an item tells to do something, rather than naming a thing. */
function isAction(item: string): boolean {
  const [first] = readClauses(readProse(item));
  return first !== undefined && first.text.split(" ").length > 1 &&
    (first.mood === "look" || first.mood === "change" && first.isExplicit);
}

/** The user's own list of steps; data and properties in a list are none. */
export function listedSteps(task: string): readonly string[] {
  const text = task.replace(/```[\s\S]*?(?:```|$)/g, "\n");
  const lists = readLists(text).map(({ marker, items, isSteps }) => ({
    isNumbered: marker !== "bullet" || isSteps,
    items: items.filter(({ isDone }) => !isDone).map((item) => item.text),
  }));
  const inline = readInlineList(text);
  for (const { items, isNumbered } of [...lists, { items: inline, isNumbered: true }]) {
    if (items.length < 2) continue;
    const actions = items.filter(isAction).length;
    const isOther = items.every((item) => /\P{ASCII}/u.test(item)); // languages that the verbs are not known of
    if (actions * 3 >= items.length * 2 || isNumbered && isOther) return items;
  }
  return [];
}
