/**
 * What a final text claims to have happened, and which of it the ledger does not support. Pure; linear in the text. Only plain statements of
 * what was done count: no plans, conditions, negations, questions, code, and nothing that somebody else did. Where in doubt it is no claim.
 */

import { freshChecks } from "../guard/ledger.ts";
import { redChecks } from "../guard/red_checks.ts";
import type { Turn, Unsupported } from "../types.ts";
import { CLAIM_WORDS, type ClaimWords } from "./claim_words.ts";
import { testsNothing } from "./tests_nothing.ts";

/** A statement that can be held against the ledger. */
export interface Claim {
  /** `changed`: files were created, changed or removed. `passes`: tests or checks are green. `mended`: a fault is gone. `ran`: something was run. */
  readonly kind: "changed" | "passes" | "mended" | "ran";
  /** The sentence, at most 100 characters. */
  readonly said: string;
  /** Of `changed`: the files that are said to be changed, each of them (`every`), or one of them (`some`). */
  readonly paths?: { readonly which: "every" | "some"; readonly names: readonly string[] };
}

/** The end of a longer text is looked at. */
const MAX_CHARS = 6_000;
/** Sentences that are looked at. */
const MAX_SENTENCES = 40;
const SAID_CHARS = 100;

const HEDGED =
  /\b(?:not|never|no|none|without|unable|cannot|fail(?:s|ed)?|unsuccessful|if|unless|whether|until|once|when|should|would|could|might|may|must|will|shall|going to|need(?:s|ed)? to|have to|has to|want(?:s)? to|let me|let's|try|trying|ensure|ensures|make sure|so that|in order|verify|expect(?:s|ed)?|assum\w+|hope\w*|plan(?:s|ned)? to|please|todo|example|e\.g\.|already|previously|earlier|existing|supposed|make the|makes the|making the|to see|remains?|still|only|partly|almost|most of|some of)\b|n't\b|\bI'll\b|\bwe'll\b|\?/i;
const BY_OTHERS =
  /\b(?:you|they|he|she|who|which|that|user|author|someone|somebody|team)(?:'ve|'d| have| has| had| were| was)?(?: been)? (?:created|added|wrote|written|updated|edited|modified|changed|fixed|removed|deleted|renamed|moved|ran|run|tested)\b/i;

const EXTENSION =
  "(?:bat|c|cc|cfg|clj|conf|cpp|cs|css|csv|dart|env|ex|exs|go|gradle|h|hpp|hs|html?|ini|ipynb|java|jsx?|json|kt|less|lock|lua|md|mjs|php|pl|proto|ps1|py|rb|rs|rst|scala|scss|sh|sql|svelte|svg|swift|tf|toml|tsx?|txt|vue|xml|ya?ml)";
const PATH = `\`?(?:\\.{0,2}/)?[\\w@-][\\w./@-]{0,200}?\\.${EXTENSION}\\b\`?`;
/** Not preceded or followed by what makes it a part of something else: a URL, a call, a longer name. */
const FILE = new RegExp(`(?<![\\w/:.])${PATH}(?![\\w/(]|\\.\\w)`, "g");
const FILES = new RegExp(`^${PATH}(?:(?:, and |, | and | & )${PATH})*`);
/** Names of programs that look like files. */
const PRODUCT = /^(?:node|next|vue|react|express|three|d3|chart|moment)\.js$/i;
const VERB =
  "(?:created|added|wrote|written|updated|edited|modified|changed|fixed|corrected|renamed|removed|deleted|refactored|implemented|rewrote|rewritten|saved|generated)";
/** `created the new file a.py`, `updated a.py, b.py and c.py`: the files themselves. */
const DIRECT = new RegExp(
  `\\b${VERB} (?:(?:a|an|the|both|new|two|three|following) )*(?:(?:python|test|config\\w*|source|text|script|module) )?(?:files? )?(?:(?:called|named) )?(?=${PATH})`,
  "gi",
);
/** `a.py was created`, `a.py and b.py have been updated`. */
const PASSIVE = new RegExp(
  `\\.${EXTENSION}\`? (?:(?:has|have) been|was|were|is|are)(?: now| successfully)* ${VERB}\\b(?! by\\b)`,
  "i",
);
/** `added f to a.py`, `fixed the bug in a.py`. */
const WITHIN = new RegExp(
  `\\b${VERB} [^.;:]{1,80}? (?:in|to|into|inside|of) (?:the (?:file )?)?${PATH}`,
  "i",
);
const TESTS = "(?:tests?|test suite|unit ?tests|test cases?|checks?|specs?|suite)";
const PASSES = new RegExp(
  `\\b${TESTS}\\b[^.;:!?]{0,40}?\\b(?:pass(?:es|ed|ing)?|succeed(?:s|ed)?|(?:is|are|was|were) (?:all |now )?(?:green|successful))\\b|\\bpass(?:es|ed|ing)? (?:all |both |the |of |its )*${TESTS}\\b`,
  "i",
);
const MENDED =
  /(?:^|\bI(?: have|'ve)? (?:now |successfully )?|\bwe(?: have|'ve)? )(?:fixed|resolved|solved|corrected)\b|\b(?:bug|issue|problem|error|failure|test|it) (?:has been|is|was) (?:now |successfully )?(?:fixed|resolved|solved|corrected)\b/i;
const RAN =
  /(?:^|\bI(?: have|'ve)?(?: also| then)? |\band )(?:ran|executed|re-?ran) (?:the |all |both |my |its |unit |new |updated |full )*(?:tests?|test suite|suite|script|program|code|command|it|them|checks?)\b/i;

type Judged = Pick<Turn, "number" | "task" | "wantsChange" | "ledger" | "baselines" | "checks">;

/** The claims of a text, in order. */
export function claimsIn(text: string): readonly Claim[] {
  return sentencesOf(text).flatMap((sentence) => {
    if (HEDGED.test(sentence) || BY_OTHERS.test(sentence)) return [];
    const said = sentence.length <= SAID_CHARS ? sentence : `${sentence.slice(0, SAID_CHARS - 1)}…`;
    const paths = pathsIn(sentence);
    return [
      ...paths ? [{ kind: "changed" as const, said, paths }] : [],
      ...PASSES.test(sentence) ? [{ kind: "passes" as const, said }] : [],
      ...!paths && MENDED.test(sentence) ? [{ kind: "mended" as const, said }] : [],
      ...RAN.test(sentence) ? [{ kind: "ran" as const, said }] : [],
      ...CLAIM_WORDS.flatMap((words) => claimsOf(sentence, said, words)),
    ];
  });
}

/** In another language than English; of several files that are named, one is said to be changed. */
function claimsOf(sentence: string, said: string, words: ClaimWords): readonly Claim[] {
  const names = filesIn(sentence);
  // A name may hold a word.
  const text = names.reduce((left, name) => left.replaceAll(name, "x"), sentence);
  if (words.hedged.test(text)) return [];
  const isChanged = names.length > 0 && words.changed.test(text);
  return [
    ...isChanged ? [{ kind: "changed" as const, said, paths: { which: "some" as const, names } }] : [],
    ...words.passes.test(text) ? [{ kind: "passes" as const, said }] : [],
    ...!isChanged && words.mended.test(text) ? [{ kind: "mended" as const, said }] : [],
    ...words.ran.test(text) ? [{ kind: "ran" as const, said }] : [],
  ];
}

/** Prose only: fenced code is left out; a line of a list is a sentence. */
function sentencesOf(text: string): readonly string[] {
  const prose = text.slice(-MAX_CHARS).replace(/^ *(?:```|~~~)[^]*?(?:^ *(?:```|~~~) *$|$(?![^]))/gm, "\n");
  return prose.split(/\n+|(?<=[.!?;])\s+|(?<=[。！？；])/).map((part) =>
    part.replace(/^[\s#>*+•✅✔-]+|\*\*|\s+$/gu, "")
  )
    .filter((part) => part !== "").slice(0, MAX_SENTENCES);
}

function pathsIn(sentence: string): Claim["paths"] {
  const direct = [...sentence.matchAll(DIRECT)].flatMap(({ index, 0: verb }) =>
    filesIn(FILES.exec(sentence.slice(index + verb.length))?.[0] ?? "")
  );
  if (direct.length > 0) return { which: "every", names: direct };
  const names = filesIn(sentence);
  const isChanged = PASSIVE.test(sentence) || WITHIN.test(sentence);
  return names.length > 0 && isChanged ? { which: "some", names } : undefined;
}

function filesIn(text: string): readonly string[] {
  return [...text.matchAll(FILE)].map(([name]) => name.replaceAll("`", "")).filter((name) =>
    !PRODUCT.test(name)
  );
}

/** The claims of a turn's last words that its ledger does not support; a session's earlier turns are not known here. */
export function unsupportedClaims(
  text: string,
  turn: Judged,
): readonly Unsupported[] {
  return claimsIn(text).flatMap((claim) => {
    const why = contradiction(claim, turn);
    return why === undefined ? [] : [{ said: claim.said, why }];
  });
}

function contradiction(
  claim: Claim,
  turn: Judged,
): string | undefined {
  const { ledger } = turn;
  // An answer may tell of an earlier turn.
  if (!turn.wantsChange && turn.number > 1 && ledger.writes === 0) return undefined;
  switch (claim.kind) {
    case "changed": {
      const missing = (claim.paths?.names ?? []).filter((name) => !isChanged(name, turn));
      const isWrong = claim.paths?.which === "every"
        ? missing.length > 0
        : missing.length === claim.paths?.names.length;
      return isWrong
        ? `${missing.join(" and ")} ${missing.length > 1 ? "were" : "was"} not changed`
        : undefined;
    }
    case "passes": {
      const checks = freshChecks(ledger);
      const red = checks.find(({ exitCode }) => exitCode !== 0);
      if (red) return `\`${red.command}\` ends with exit code ${red.exitCode}`;
      if (checks.some(({ command }) => !testsNothing(command))) return undefined;
      return ledger.writes > 0 ? "no test ran after the last change" : "no test ran";
    }
    case "mended": {
      const red = redChecks(turn).find(({ kind }) => kind !== "aside")?.run;
      if (red) return `\`${red.command}\` ends with exit code ${red.exitCode}`;
      return ledger.writes === 0 ? "no file was changed" : undefined;
    }
    case "ran":
      return ledger.commands.length === 0 ? "no command ran" : undefined;
  }
}

/** A text may name a file by the end of its path, or by the whole of it. */
function isChanged(name: string, { ledger }: Pick<Turn, "ledger">): boolean {
  const clean = name.replace(/^(?:\.{0,2}\/)+/, "");
  return ledger.changes.some(({ path }) =>
    path === clean || path.endsWith(`/${clean}`) || clean.endsWith(`/${path}`)
  );
}
