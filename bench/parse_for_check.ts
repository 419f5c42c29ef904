/** Turns YAML and HTML of a result into JSON, so that a check needs no parser that a stranger's machine lacks. */

import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import type { DefaultTreeAdapterTypes } from "parse5";

/** An element as a check reads it; a text is a string. */
export interface HtmlElement {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly (HtmlElement | string)[];
}

/**
 * The JSON value of a file: YAML 1.2 as its value, HTML as `{ root, errors }` with the errors' codes of the HTML standard.
 * @throws {SyntaxError} for YAML that does not parse
 * @throws {TypeError} for another file type
 */
export async function parseForCheck(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8");
  switch (extname(path)) {
    case ".yaml":
    case ".yml": {
      const { parseDocument } = await import("yaml");
      const document = parseDocument(text, { strict: true, uniqueKeys: true });
      const problem = document.errors[0];
      if (problem) throw new SyntaxError(problem.message);
      return document.toJS({ maxAliasCount: 100 });
    }
    case ".html": {
      const { parse } = await import("parse5");
      const errors: string[] = [];
      const root = parse(text, { onParseError: (problem) => errors.push(problem.code) });
      return { root: toElement("#document", [], root.childNodes), errors };
    }
    default:
      throw new TypeError(`Cannot parse "${path}" for a check: only .yaml, .yml and .html are known`);
  }
}

function toElement(
  tag: string,
  attrs: readonly { readonly name: string; readonly value: string }[],
  nodes: readonly DefaultTreeAdapterTypes.ChildNode[],
): HtmlElement {
  const children = nodes.flatMap((node): readonly (HtmlElement | string)[] => {
    if ("tagName" in node) return [toElement(node.tagName, node.attrs, node.childNodes)];
    return "value" in node ? [node.value] : [];
  });
  return { tag, attrs: Object.fromEntries(attrs.map(({ name, value }) => [name, value])), children };
}
