import { fuzzReplies } from "./_fuzz.ts";

Deno.test("parseReply() survives 20,000 damaged replies and executes only calls", () =>
  fuzzReplies(1, 20_000));
