import { fuzzReplies } from "./_fuzz.ts";

Deno.test("parseReply() survives 1,000,000 damaged replies and executes only calls", () =>
  fuzzReplies(2, 1_000_000));
