/** Parse errors of formats that have a parser of their own: JSON, YAML, TOML, HTML. */

import type { SyntaxProblem } from "../tool.ts";

type Check = (text: string) => Promise<readonly SyntaxProblem[]> | readonly SyntaxProblem[];

/** By extension. */
export const DATA_FORMATS: Readonly<Record<string, Check>> = {
  json: checkJson,
  yaml: checkYaml,
  yml: checkYaml,
  toml: checkToml,
  html: checkHtml,
  htm: checkHtml,
};

function checkJson(text: string): readonly SyntaxProblem[] {
  if (text.trim() === "") return [];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const message = (error as Error).message;
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    return [{ ...placeOf(text, offset), message: message.replace(/ in JSON at position.*/s, "") }];
  }
}

async function checkYaml(text: string): Promise<readonly SyntaxProblem[]> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  return (Array.isArray(documents) ? documents : []).flatMap((document) =>
    document.errors.map((error) => ({
      line: error.linePos?.[0].line ?? 1,
      column: error.linePos?.[0].col ?? 1,
      message: error.message.split("\n")[0]?.replace(/ at line \d.*$/, "") ?? "",
    }))
  );
}

async function checkToml(text: string): Promise<readonly SyntaxProblem[]> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return [{ line: error.line, column: error.column, message: error.message.split("\n")[0] ?? "" }];
  }
}

/** HTML parsers mend nearly everything; these are what a person would call broken. */
const HTML_FAULTS: ReadonlySet<string> = new Set([
  "eof-in-tag",
  "eof-in-comment",
  "eof-before-tag-name",
  "duplicate-attribute",
  "missing-attribute-value",
  "unexpected-character-in-attribute-name",
]);

/** Elements whose end tag may not be left out (HTML standard, 13.1.2.4 names those whose may). */
const CLOSED = new Set(
  "a article aside b button code div em fieldset footer form h1 h2 h3 h4 h5 h6 header i label main nav ol pre script section select span strong style table textarea title ul video"
    .split(" "),
);

async function checkHtml(text: string): Promise<readonly SyntaxProblem[]> {
  const { parse } = await import("parse5");
  const problems: SyntaxProblem[] = [];
  const document = parse(text, {
    sourceCodeLocationInfo: true,
    onParseError(error) {
      if (!HTML_FAULTS.has(error.code)) return;
      problems.push({
        line: error.startLine,
        column: error.startCol,
        message: error.code.replaceAll("-", " "),
      });
    },
  });
  const pending: unknown[] = [document];
  for (let node = pending.pop() as HtmlNode | undefined; node; node = pending.pop() as HtmlNode | undefined) {
    const place = node.sourceCodeLocation;
    if (node.tagName && CLOSED.has(node.tagName) && place?.startTag && !place.endTag) {
      problems.push({
        line: place.startLine,
        column: place.startCol,
        message: `<${node.tagName}> is not closed`,
      });
    }
    pending.push(...node.childNodes ?? []);
  }
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** The part of parse5's nodes that is looked at. */
interface HtmlNode {
  readonly tagName?: string;
  readonly childNodes?: readonly unknown[];
  readonly sourceCodeLocation?: {
    readonly startLine: number;
    readonly startCol: number;
    readonly startTag?: unknown;
    readonly endTag?: unknown;
  } | null;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
