/** The prompt's head: system message and tool schemas, byte-identical for an epoch (DESIGN decision 1). */

import { createHash } from "node:crypto";
import type { DialectName, EditFormat } from "../profile.ts";
import type { Head, ToolSchema } from "../types.ts";
import { bareSchema, briefSchema } from "./brief_schema.ts";
import { BRIEF_FACTS_CHARS, describeFacts, type ProjectFacts } from "./project_facts.ts";
import { briefRules, projectRules, rules, RULES_WITHOUT_TOOLS } from "./text/rules.ts";

export interface HeadParts {
  /** What the model is told of. */
  readonly tools: readonly ToolSchema[];
  /** What the parser accepts. */
  readonly offered: readonly ToolSchema[];
  /** How to write a call, from the dialect's own file, or how to get tools where none is shown; empty for `native`. */
  readonly dialectText: string;
  readonly shell: string;
  readonly facts: ProjectFacts;
  readonly projectRules?: { readonly path: string; readonly text: string };
  readonly dialect: DialectName;
  readonly editFormat: EditFormat;
  /** What changes from step to step, only where the head is not frozen. */
  readonly volatile?: string;
  /** Text of the plugins; empty where there is none. */
  readonly pluginText: string;
  /** Whether each token of the head is dear: rules, facts and schemas in brief. */
  readonly isBrief: boolean;
}

/** Lays the head. Frozen, nothing volatile goes in: no date, no git status, no plan. */
export function layHead(parts: HeadParts): Head {
  const { tools, editFormat } = parts;
  const system = [
    parts.volatile ?? "",
    tools.length > 0 ? rulesOf(parts) : RULES_WITHOUT_TOOLS,
    parts.dialectText,
    parts.isBrief ? describeFacts(parts.facts, BRIEF_FACTS_CHARS) : describeFacts(parts.facts),
    parts.projectRules ? projectRules(parts.projectRules.path, parts.projectRules.text) : "",
    parts.pluginText,
  ].filter(Boolean).join("\n\n");
  const asShown = parts.isBrief ? (one: ToolSchema) => briefSchema(one, editFormat) : bareSchema;
  const nativeTools = parts.dialect === "native" ? tools.map(asShown) : [];
  return {
    system,
    nativeTools,
    shown: tools.map(({ name }) => name),
    offered: parts.offered,
    hash: hashOf(system, nativeTools),
  };
}

function rulesOf({ isBrief, shell, editFormat }: HeadParts): string {
  return isBrief ? briefRules(shell, editFormat) : rules(shell, editFormat);
}

function hashOf(system: string, tools: readonly ToolSchema[]): string {
  return createHash("sha256").update(system).update("\0").update(JSON.stringify(tools)).digest("hex").slice(
    0,
    12,
  );
}
