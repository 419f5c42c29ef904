/** Source text to parse errors and outline: tree-sitter grammars, loaded when first needed, and the parsers of data formats. */

import type * as TreeSitter from "@vscode/tree-sitter-wasm";
import { type Assets, readAsset } from "../assets.ts";
import type { OutlineEntry, Syntax, SyntaxProblem } from "../tool.ts";
import { DATA_FORMATS } from "./data_formats.ts";
import { extensionOf, type Language, languageOf } from "./languages.ts";

/** Longer texts are data or generated; parsing them would hold up an edit. */
const MAX_CHARS = 1_000_000;
/** Grammars kept loaded; each costs 1-6 MB. */
const KEPT_GRAMMARS = 3;
const MAX_PROBLEMS = 20;
const MAX_ENTRIES = 400;

/** Opens the reader. Grammars come from `assets("grammars/")`; nothing is loaded before the first question. */
export function openSyntax(assets: Assets): Syntax {
  let runtime: Promise<typeof TreeSitter> | undefined;
  const loaded = new Map<string, Promise<TreeSitter.Language>>();

  const grammar = (name: string): Promise<TreeSitter.Language> => {
    const known = loaded.get(name);
    if (known) {
      loaded.delete(name);
      loaded.set(name, known);
      return known;
    }
    runtime ??= loadRuntime(assets);
    const fresh = runtime.then(async ({ Language }) =>
      await Language.load(await readAsset(assets(`grammars/${name}`)))
    );
    loaded.set(name, fresh);
    const [oldest] = loaded.keys();
    if (loaded.size > KEPT_GRAMMARS && oldest !== undefined) loaded.delete(oldest);
    return fresh;
  };

  async function withTree<T>(
    text: string,
    language: Language,
    use: (root: TreeSitter.Node) => T,
  ): Promise<T> {
    const parsed = await grammar(language.grammar);
    const { Parser } = await (runtime ??= loadRuntime(assets));
    const parser = new Parser();
    try {
      parser.setLanguage(parsed);
      const tree = parser.parse(text);
      if (!tree) throw new Error(`Cannot parse: ${language.grammar} gave no tree`);
      try {
        return use(tree.rootNode);
      } finally {
        tree.delete();
      }
    } finally {
      parser.delete();
    }
  }

  return {
    async parseErrors(path, text) {
      if (text.length > MAX_CHARS) return undefined;
      const check = DATA_FORMATS[extensionOf(path)];
      if (check) return await check(text);
      const language = languageOf(path);
      return language ? await withTree(text, language, problemsIn) : undefined;
    },
    async outline(path, text) {
      if (text.length > MAX_CHARS) return undefined;
      if (extensionOf(path) === "md") return headings(text);
      const language = languageOf(path);
      return language ? await withTree(text, language, (root) => partsIn(root, language)) : undefined;
    },
  };
}

async function loadRuntime(assets: Assets): Promise<typeof TreeSitter> {
  const imported = await import("@vscode/tree-sitter-wasm");
  const runtime = ("default" in imported ? imported.default : imported) as typeof TreeSitter;
  const options = {
    wasmBinary: await readAsset(assets("grammars/tree-sitter.wasm")),
    locateFile: (file: string) => file,
  };
  await runtime.Parser.init(options);
  return runtime;
}

/** Errors and missing nodes, in order; nothing inside an error is looked at again. */
function problemsIn(root: TreeSitter.Node): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const pending = [root];
  for (let node = pending.pop(); node && problems.length < MAX_PROBLEMS; node = pending.pop()) {
    if (node.isError || node.isMissing) {
      const { row, column } = node.startPosition;
      const message = node.isMissing ? `${node.type} is missing` : `not understood: ${excerpt(node.text)}`;
      problems.push({ line: row + 1, column: column + 1, message });
      continue;
    }
    if (!node.hasError) continue;
    for (const child of node.children.toReversed()) if (child) pending.push(child);
  }
  return problems;
}

function excerpt(text: string): string {
  const line = text.trimStart().split("\n")[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

function partsIn(root: TreeSitter.Node, language: Language): OutlineEntry[] {
  const entries: OutlineEntry[] = [];
  const pending = [root];
  for (let node = pending.pop(); node && entries.length < MAX_ENTRIES; node = pending.pop()) {
    const kind = language.parts[node.type];
    const name = kind === undefined ? undefined : nameOf(node);
    if (kind !== undefined && name !== undefined) {
      entries.push({ name, kind, from: node.startPosition.row + 1, to: node.endPosition.row + 1 });
    }
    if (kind === "function" && node.type !== "variable_declarator") continue; // what is inside a function is its own affair
    for (const child of node.namedChildren.toReversed()) if (child) pending.push(child);
  }
  return entries;
}

/** A variable is a part only where it holds a function. C++ names a function in its declarator, Rust an impl by its type. */
function nameOf(node: TreeSitter.Node): string | undefined {
  if (node.type === "variable_declarator") {
    const value = node.childForFieldName("value")?.type ?? "";
    if (!/function|arrow/.test(value)) return undefined;
  }
  const named = node.childForFieldName("name") ??
    node.childForFieldName("declarator")?.childForFieldName("declarator") ?? node.childForFieldName("type");
  return named?.text.split("\n")[0];
}

function headings(text: string): OutlineEntry[] {
  const lines = text.split("\n");
  const found = lines.flatMap((line, i) => {
    const heading = /^(#{1,6}) (.+)$/.exec(line);
    return heading ? [{ name: heading[2] ?? "", from: i + 1, level: heading[1]?.length ?? 1 }] : [];
  });
  return found.slice(0, MAX_ENTRIES).map(({ name, from, level }, i) => {
    const next = found.slice(i + 1).find((other) => other.level <= level);
    return { name, kind: `heading ${level}`, from, to: next ? next.from - 1 : lines.length };
  });
}
