/** Whether a message asks for a change of files; decides between `answered` and `failed` when none was made. */

const CHANGE =
  /\b(add|append|build|change|clean|convert|correct|create|delete|edit|extract|extend|fix|format|generate|implement|improve|insert|install|make|mend|migrate|modify|move|optimi[sz]e|port|refactor|remove|rename|repair|replace|rewrite|set up|simplify|solve|sort out|split|translate|update|upgrade|write)\b/i;
const QUESTION =
  /^\s*(what|why|how|where|which|who|when|is|are|does|do|did|can you (explain|tell|show)|could you (explain|tell|show)|explain|describe|summari[sz]e|tell me|show me|list)\b/i;

/**
 * A message that ends with a question mark and names no change, or that opens as a question or asks for an explanation, asks for none; every
 * other message does. In doubt it does: a wrong `failed` is seen, a wrong `answered` is not.
 */
export function asksForChange(task: string): boolean {
  const text = task.trim();
  if (QUESTION.test(text)) return /\b(and|then) (fix|change|add|update|create|write)\b/i.test(text);
  return !text.endsWith("?") || /^\s*(can|could|would|will) you\b/i.test(text) && CHANGE.test(text);
}
