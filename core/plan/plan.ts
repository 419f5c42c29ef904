/** A plan from its laying to its end: laid, advanced by evidence, revised, dropped. Pure. */

import { namedSymbols } from "../prompt/first_look.ts";
import type { EventBody } from "../events.ts";
import type { Plan, PlanStep } from "../types.ts";
import { isSameFile, isTestFile, namedFiles, stepFiles } from "./named_files.ts";
import type { ReadStep } from "./read_plan.ts";

/** What happened since the plan was last looked at. */
export interface Evidence {
  /** Files changed, with the lines that came in. */
  readonly changed?: readonly { readonly path: string; readonly added: string }[];
  readonly ran?: readonly {
    readonly command: string;
    readonly isGreen: boolean;
    readonly isCheck: boolean;
  }[];
  /** Files that were read. */
  readonly read?: readonly string[];
  /** Numbers of steps, from 1, that the model says are done. */
  readonly said?: readonly number[];
}

/** What would show that a step is done. `wide`: changes in places that it does not name. */
export type StepKind = "change" | "wide" | "run" | "check" | "look" | "say";

const RUN =
  /^(?:(?:then|finally|and|now) )*(?:re-?)?(?:run|execute|start|launch|install|führe|starte|lance|exécute|ejecuta|corre|execute|rode)\b/i;
const CHECK =
  /^(?:(?:then|finally|and|now) )*(?:test(?! (?:file|suite|case)s?\b)|verify|check|confirm|validate that|ensure (?:that|all|every)|make sure|teste|prüfe|überprüfe|vérifie|verifica|comprueba|verifique)\b/i;
const LOOK =
  /^(?:(?:then|first|now) )*(?:read|open|look|inspect|review|understand|analy[sz]e|examine|identify|find|locate|search|explore|determine|think|plan|study|lies|lese|schau|analysiere|lis|ouvre|lee|abre|leia|abra)\b/i;
const SAY =
  /^(?:(?:then|finally|and) )*(?:answer|report|tell|summari[sz]e|explain|finish|done|commit|respond|confirm with|inform|present|sag|fasse|réponds|responde|responda)\b/i;
const WIDE =
  /\b(?:all|every|each|any other|everywhere|remaining|other|callers?|usages?|imports|references|where (?:needed|necessary)|alle[sn]?|jede[nrs]?|tous|toutes|todos|todas)\b/i;

/** What kind of work a step's words mean. */
export function kindOfStep(text: string): StepKind {
  if (SAY.test(text)) return "say";
  if (LOOK.test(text)) return "look";
  if (RUN.test(text)) return "run";
  if (CHECK.test(text)) return "check";
  return stepFiles(text).length === 0 && WIDE.test(text) ? "wide" : "change";
}

/** A new plan; the model has read it at `step`, for it stands in the message or in its own reply. */
export function layPlan(
  steps: readonly ReadStep[],
  options: { readonly by: Plan["by"]; readonly files: readonly string[]; readonly step: number },
): Plan {
  const { by, files, step } = options;
  return { steps, update: 1, by, files, touched: [], told: { update: 1, step } };
}

/** The plan for a model that has read nothing of it: the next result tells it. */
export function untold(plan: Plan): Plan {
  return { ...plan, told: { ...plan.told, update: 0 } };
}

/** The plan rewritten by the model: what was done stays done where its step goes on under the same words. */
export function revisePlan(plan: Plan, steps: readonly ReadStep[], step: number): Plan {
  const before = new Map(plan.steps.map((one) => [keyOf(one.text), one.isDone]));
  const next = steps.map(({ text, isDone }) => ({
    text,
    isDone: isDone || before.get(keyOf(text)) === true,
  }));
  if (isSame(plan.steps, next)) return plan;
  const update = plan.update + 1;
  return { ...plan, steps: next, by: "model", update, told: { update, step } };
}

function keyOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** The plan after what happened; the same object where nothing of it is new. */
export function advancePlan(plan: Plan, evidence: Evidence): Plan {
  let steps = plan.steps;
  let touched = plan.touched;
  for (const { path, added } of evidence.changed ?? []) {
    touched = touched.includes(path) ? touched : [...touched, path];
    steps = markChange(steps, { path, added }, touched);
  }
  for (const run of evidence.ran ?? []) if (run.isGreen) steps = markRun(steps, run);
  for (const path of evidence.read ?? []) steps = markRead(steps, path);
  for (const number of evidence.said ?? []) steps = markSaid(steps, number, touched);
  const files = plan.files.filter((file) => !touched.some((path) => isSameFile(file, path)));
  const isNew = !isSame(steps, plan.steps) || files.length !== plan.files.length;
  if (!isNew) return touched === plan.touched ? plan : { ...plan, touched };
  return { ...plan, steps, files, touched, update: plan.update + 1 };
}

function isSame(a: readonly PlanStep[], b: readonly PlanStep[]): boolean {
  return a.length === b.length &&
    a.every((step, index) => step.text === b[index]?.text && step.isDone === b[index]?.isDone);
}

/** A change is evidence for the open step that it fits best, and for any whose names all came in with it. */
function markChange(
  steps: readonly PlanStep[],
  change: { readonly path: string; readonly added: string },
  touched: readonly string[],
): readonly PlanStep[] {
  const current = steps.findIndex(({ isDone }) => !isDone);
  const scores = steps.map((step, index) => fit(step, change) + (index === current ? 1.5 : 0));
  const best = scores.reduce((at, score, index) => score > (scores[at] ?? 0) ? index : at, 0);
  if ((scores[best] ?? 0) < 1.5) return steps;
  return settle(steps, (step, index) => {
    if (kindOfStep(step.text) !== "change" || fit(step, change) === NO_FIT) return false;
    const files = stepFiles(step.text);
    const isWhole = files.every((file) => touched.some((path) => isSameFile(file, path)));
    const names = namedSymbols(step.text).filter((name) => !files.some((file) => file.includes(name)));
    const hasAll = names.length > 0 && names.every((name) => change.added.includes(name));
    return isWhole && (index === best || hasAll);
  });
}

const NO_FIT = -10;

/** How well a change fits a step; `NO_FIT` where the step names other files, or wants no change. */
function fit({ text, isDone }: PlanStep, { path, added }: { path: string; added: string }): number {
  const kind = kindOfStep(text);
  if (isDone || kind !== "change" && kind !== "wide") return NO_FIT;
  const files = stepFiles(text);
  if (files.length > 0 && !files.some((file) => isSameFile(file, path))) return NO_FIT;
  const speaksOfTests = /\b(?:tests?|specs?|testes|pruebas)\b/i.test(text);
  if (files.length === 0 && speaksOfTests !== isTestFile(path) && (speaksOfTests || isTestFile(path))) {
    return NO_FIT;
  }
  const stem = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "").toLowerCase();
  const words = keyOf(text).split(" ");
  const names = namedSymbols(text).filter((name) => added.includes(name)).length;
  return (files.length > 0 ? 4 : 0) + (speaksOfTests && isTestFile(path) ? 3 : 0) +
    (stem.length > 2 && words.includes(stem) ? 2 : 0) + Math.min(3, names);
}

function markRun(
  steps: readonly PlanStep[],
  run: { readonly command: string; readonly isCheck: boolean },
): readonly PlanStep[] {
  return settle(steps, ({ text }) => {
    const kind = kindOfStep(text);
    if (kind !== "run" && kind !== "check") return false;
    const quoted = /`([^`]+)`/.exec(text)?.[1];
    if (quoted !== undefined && run.command.includes(quoted)) return true;
    if (run.isCheck) return true;
    const [first = ""] = run.command.trim().split(/\s+/);
    const files = stepFiles(text);
    return kind === "run" &&
      (files.some((file) => run.command.includes(file)) || keyOf(text).split(" ").includes(keyOf(first)));
  });
}

function markRead(steps: readonly PlanStep[], path: string): readonly PlanStep[] {
  const current = steps.findIndex(({ isDone }) => !isDone);
  return settle(steps, ({ text }, index) => {
    if (kindOfStep(text) !== "look") return false;
    const files = stepFiles(text);
    return files.length > 0 ? files.some((file) => isSameFile(file, path)) : index === current;
  });
}

/** The model's word counts, but for a step whose file was not touched. */
function markSaid(
  steps: readonly PlanStep[],
  number: number,
  touched: readonly string[],
): readonly PlanStep[] {
  return settle(steps, ({ text }, index) => {
    if (index !== number - 1) return false;
    const files = kindOfStep(text) === "change" ? stepFiles(text) : [];
    return files.every((file) => touched.some((path) => isSameFile(file, path)));
  });
}

/** Steps become done; those before them that leave no trace of their own are done with them. */
function settle(
  steps: readonly PlanStep[],
  isShown: (step: PlanStep, index: number) => boolean,
): readonly PlanStep[] {
  const shown = steps.map((step, index) => !step.isDone && isShown(step, index));
  const last = shown.lastIndexOf(true);
  if (last < 0) return steps;
  return steps.map((step, index) => {
    const isPassed = index < last && ["look", "wide"].includes(kindOfStep(step.text));
    return shown[index] || isPassed && !step.isDone ? { ...step, isDone: true } : step;
  });
}

/** The step that is due and would have left a trace, had it been done; its number counts from 1. */
export function openStep(plan: Plan): { readonly number: number; readonly text: string } | undefined {
  const index = plan.steps.findIndex(({ text, isDone }) =>
    !isDone && ["change", "run"].includes(kindOfStep(text))
  );
  const step = plan.steps[index];
  return step ? { number: index + 1, text: step.text } : undefined;
}

/** Steps as the event and faces show them. */
export function shownSteps(
  plan: Plan,
): readonly { readonly text: string; readonly state: "open" | "current" | "done" }[] {
  const current = plan.steps.findIndex(({ isDone }) => !isDone);
  return plan.steps.map(({ text, isDone }, index) => ({
    text,
    state: isDone ? "done" : index === current ? "current" : "open",
  }));
}

/** The plan as a session's events tell of it, for resuming; `undefined` where none is open. */
export function lastPlan(events: readonly EventBody[]): Plan | undefined {
  const last = events.findLast((event) => event.type === "plan");
  if (!last || last.steps.length === 0) return undefined;
  const steps = last.steps.map(({ text, state }) => ({ text, isDone: state === "done" }));
  const { update } = last;
  return { steps, update, by: "model", files: [], touched: [], told: { update, step: 0 } };
}

export function isFinished(plan: Plan): boolean {
  return plan.steps.every(({ isDone }) => isDone) && plan.files.length === 0;
}

const GOES_ON =
  /^(?:(?:ok|okay|yes|yep|yeah|sure|great|good|fine|perfect|please|ja|oui|s[ií]|sim|да|はい)\b[ ,.!]*)*(?:(?:please )?(?:go on|go ahead|continue|carry on|proceed|keep going|next(?: (?:step|one))?|do (?:it|that|the (?:rest|next))|finish(?: it| the (?:rest|plan))?|the rest|resume|weiter(?:machen)?|mach weiter|n[äa]chster schritt|continue[rz]?|la suite|vas-y|suivant|contin[uú]a|sigue|siguiente|adelante|continu[ae]r?|pr[óo]ximo|pode continuar|дальше|продолжай|続けて|继续)(?:[ .!,]|please|bitte|por favor)*)?$/iu;
/** Words that any task has. */
const COMMON = new Set(
  "the and for with that this from into file files test tests add make change update create write run all use new fix then code function class project should step please also each its has have not"
    .split(" "),
);

/** Whether a message goes on with the plan: a word to continue, a step's number, a file or words of an open step. */
export function goesOn(task: string, plan: Plan): boolean {
  if (isFinished(plan)) return false;
  const text = task.trim();
  if (GOES_ON.test(text)) return true;
  if (/^.{0,60}\b(?:step|schritt|[ée]tape|paso|passo) \d\b/i.test(text) && text.length < 200) return true;
  if (/\b(?:the|your|our) plan\b/i.test(text) && text.length < 200) return true;
  const open = plan.steps.filter(({ isDone }) => !isDone).map((step) => step.text);
  const files = [...open.flatMap(namedFiles), ...plan.files];
  if (namedFiles(text).some((named) => files.some((file) => isSameFile(file, named)))) return true;
  const words = new Set(keyOf(text).split(" ").filter((word) => word.length > 3 && !COMMON.has(word)));
  return open.some((step) => new Set(keyOf(step).split(" ").filter((word) => words.has(word))).size >= 2);
}
