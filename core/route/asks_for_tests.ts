/** Whether a message asks to change tests: if not, they are run as they were before the turn. */

const CHANGE =
  "add|write|create|extend|update|change|adapt|adjust|rewrite|rename|remove|delete|drop|refactor|improve|move|convert|port|split|merge|skip|disable|expand|clean up|implement|generate|edit|modify";
/** Between the verb and its object no other clause may begin: "change add so that the tests pass" asks for no change of tests. */
const ASKS = new RegExp(
  `\\b(?:${CHANGE})\\s+(?:(?!(?:so|that|until|to|because|when|if|while|make|without|not|but|the code|for|in|from)\\b)[\\w./-]+[,\\s]+){0,5}?(?:(?:unit |integration |regression )?(?:tests?|specs?)(?: cases?| suites?| files?)?|test coverage)\\b(?!\\s+(?:pass|succeed|green|work|run)\\b)`,
  "i",
);
const FORBIDS =
  /\b(?:do not|don't|never|without) (?:\w+ )?(?:chang|touch|edit|modif|alter|weaken)\w* (?:\w+ ){0,3}?(?:tests?|specs?)\b/i;

/** Whether a message asks for changes of tests. Words like "fix the failing test" ask for the code to be mended. */
export function asksForTests(task: string): boolean {
  return !FORBIDS.test(task) && ASKS.test(task);
}
