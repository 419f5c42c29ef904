/** What a profile may say (`core/profile.ts`), for the file of a user and for those that are built in. */

import { z } from "zod";
import { isPattern } from "./model_pattern.ts";

/** Every field, checked and bounded; an unknown one is an error. */
export function profileShape() {
  const tokens = z.number().int().positive();
  const flag = z.boolean();
  return z.strictObject({
    name: z.string().min(1),
    match: z.array(z.string().refine(isPattern, "only * and classes like [a-z] stand for something")).min(1),
    trainedWindow: tokens,
    dialect: z.enum(["native", "hermes", "json", "raw", "qwen-xml", "pythonic"]),
    editFormat: z.enum(["search_replace", "whole_file", "line_range", "symbol"]),
    envelope: z.enum(["free", "constrained", "prefill"]),
    sampling: z.strictObject({
      temperature: z.number().min(0).max(2).optional(),
      topP: z.number().min(0).max(1).optional(),
      topK: z.number().int().min(0).optional(),
      minP: z.number().min(0).max(1).optional(),
      repeatPenalty: z.number().min(0).max(4).optional(),
      presencePenalty: z.number().min(-2).max(2).optional(),
      seed: z.number().int().min(0).optional(),
    }),
    thinking: z.strictObject({
      supported: flag,
      control: z.enum(["none", "template", "effort"]),
      enabled: flag,
      budgetTokens: tokens,
      replay: flag,
    }),
    roles: z.strictObject({ system: z.enum(["system", "user"]), toolResult: z.enum(["tool", "user"]) }),
    maxOutputTokens: tokens,
    firstLookPct: z.number().min(0).max(100),
    harness: z.strictObject({
      freezePrefix: flag,
      textCalls: flag,
      repairCalls: flag,
      clampOutput: flag,
      firstLook: flag,
      route: flag,
      readGuard: flag,
      fuzzyEdit: flag,
      editRecovery: flag,
      semanticMerge: flag,
      constrain: flag,
      syntaxGate: flag,
      keepNames: flag,
      compaction: flag,
      plan: flag,
      askPlan: flag,
      verify: flag,
      govern: flag,
      dedup: flag,
      scores: flag,
      improve: flag,
      claims: flag,
      hardFail: flag,
      plugins: flag,
      mcp: flag,
    }),
  });
}
