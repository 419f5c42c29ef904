/** Checks the contract as the harness: commands take the way of `bash` (permission, sandbox, ledger), files are read in the workspace. */

import type { AgentDeps } from "./agent_deps.ts";
import { ToolError } from "../errors.ts";
import { hasCorrections } from "../guard/ladder.ts";
import { addCommand, executesCode } from "../guard/ledger.ts";
import { describeAssertion, openItems } from "../plan/contract.ts";
import { contractOpen } from "../prompt/text/plan.ts";
import { runCheck } from "./run_check.ts";
import type { RunDeps } from "../run_tool.ts";
import type { CheckedContract, ToolContext } from "../tool.ts";
import type { Assertion, ContractItem, Turn, Verdict } from "../types.ts";
import { describeFailures } from "../verify/failures.ts";

type Checked = Pick<ContractItem, "state" | "detail">;

/** Checks these assertions one after the other. What may not run, or does not end in time, stays pending, with the reason. */
export async function checkItems(
  items: readonly ContractItem[],
  context: Omit<ToolContext, "contract">,
  deps: RunDeps,
): Promise<CheckedContract> {
  const checked: ContractItem[] = [];
  const commands: CheckedContract["commands"][number][] = [];
  for (const item of items) {
    context.signal.throwIfAborted();
    const { assertion } = item;
    if (assertion.kind !== "command") {
      checked.push({ ...item, ...await checkFile(assertion, context) });
      continue;
    }
    const { command } = assertion;
    const timeoutMs = context.limits.bashTimeoutMs;
    const call = { command, kind: "test" as const, phase: "after" as const, timeoutMs, shell: context.shell };
    const ran = await runCheck(call, context, deps);
    if (ran.state === "not_run") {
      checked.push({ ...item, state: "pending", detail: ran.why });
      continue;
    }
    commands.push({ command, exitCode: ran.exitCode, ms: ran.ms, by: item.by });
    checked.push({
      ...item,
      ...ran.exitCode === 0 ? { state: "passed" as const, detail: "" } : {
        state: "failed" as const,
        detail: `exit code ${ran.exitCode}\n${describeFailures(ran.run, ran.output)}`.trim(),
      },
    });
  }
  return { items: checked, commands };
}

async function checkFile(
  assertion: Exclude<Assertion, { kind: "command" }>,
  { files }: Pick<ToolContext, "files">,
): Promise<Checked> {
  const { path } = assertion;
  try {
    const kind = await files.exists(path);
    if (assertion.kind === "gone") return judge(kind === undefined, "it is there");
    if (kind === undefined) return { state: "failed", detail: "there is no such file" };
    if (!("text" in assertion)) return judge(true, "");
    const { text } = await files.read(path);
    const has = text.includes(assertion.text);
    return assertion.kind === "contains" ? judge(has, "it does not") : judge(!has, "it is in it");
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { state: "failed", detail: error.message };
  }
}

function judge(holds: boolean, detail: string): Checked {
  return holds ? { state: "passed", detail: "" } : { state: "failed", detail };
}

/** Takes what a check of the contract found into the turn: states, and commands into the ledger. */
export function takeContract(turn: Turn, checked: Partial<CheckedContract>, deps: AgentDeps): Turn {
  const cwd = deps.world.files.root;
  let ledger = turn.ledger;
  for (const { by, ...command } of checked.commands ?? []) {
    // The user's word makes a command a check; the model's only where it runs the project's code.
    const isCheck = by === "user" || executesCode(command.command, ledger.changes.map(({ path }) => path));
    const where = { cwd, by: "harness" as const, writesBefore: ledger.writes, isCheck };
    ledger = addCommand(ledger, command, where);
  }
  if (!checked.items) return { ...turn, ledger };
  if (checked.items !== turn.contract) deps.emit({ type: "contract", items: checked.items });
  return { ...turn, ledger, contract: checked.items };
}

/** Before a turn with changes ends: what of the contract is not known to hold. */
export async function checkContract(
  turn: Turn,
  context: Omit<ToolContext, "contract">,
  deps: AgentDeps,
): Promise<Turn> {
  const { contract = [] } = turn;
  const open = openItems(contract);
  if (open.length === 0 || turn.ledger.changes.length === 0) return turn;
  const { items, commands } = await checkItems(open, context, deps);
  const byId = new Map(items.map((item) => [item.id, item]));
  return takeContract(turn, { items: contract.map((item) => byId.get(item.id) ?? item), commands }, deps);
}

/** An end is a correction instead, as often as a red check is, while an assertion fails. */
export function holdToContract(verdict: Verdict, turn: Turn, deps: AgentDeps): Verdict {
  if (verdict.kind !== "finish" || turn.ledger.changes.length === 0) return verdict;
  // What a red check has said already is not said again.
  const isTold = ({ assertion }: ContractItem) =>
    assertion.kind === "command" && (turn.corrections.red ?? 0) > 0;
  const failed = (turn.contract ?? []).filter((item) => item.state === "failed" && !isTold(item));
  const times = turn.corrections.contract ?? 0;
  const isSpent = times >= deps.config.planner.maxRetries || !hasCorrections(turn, deps.config.limits);
  if (failed.length === 0 || isSpent) return verdict;
  const said = failed.map(({ assertion, detail }) => `- ${describeAssertion(assertion)}: ${detail}`);
  return { kind: "correct", reason: "contract", message: contractOpen(said) };
}
