/** The names that a source file binds at its top, read line by line: functions, classes, constants, imports. JavaScript, TypeScript, Python. */

/** How a language binds names at the top of a file, and where its comments begin. */
export interface NameRules {
  readonly binds: readonly RegExp[];
  /** Lists of names: `import { a, b as c }`, `from x import a, b`. */
  readonly bindsMany: readonly RegExp[];
  readonly comment: string;
}

const NAME = "([A-Za-z_$][\\w$]*)";
const SCRIPT: NameRules = {
  binds: [
    new RegExp(
      `^(?:export )?(?:default )?(?:declare )?(?:async )?(?:abstract )?(?:function\\*?|class|const|let|var|interface|type|enum) ${NAME}`,
    ),
    new RegExp(`^import (?:type )?${NAME}`),
    new RegExp(`^import (?:type )?\\* as ${NAME}`),
  ],
  bindsMany: [/^(?:import|const|let|var)\b[^{]{0,100}\{([^}]{1,2000})\}/],
  comment: "//",
};
const PYTHON: NameRules = {
  binds: [
    new RegExp(`^(?:async )?def ${NAME}`),
    new RegExp(`^class ${NAME}`),
    new RegExp(`^${NAME}(?:: ?[^=]{1,200})? ?=(?!=)`),
  ],
  bindsMany: [/^from [\w.]{1,200} import \(?([^#)]{1,2000})/, /^import ([\w., ]{1,2000})/],
  comment: "#",
};

/** How names are bound in a file, by its name's ending; `undefined` for a language that is not read. */
export function nameRules(path: string): NameRules | undefined {
  if (/\.(?:[cm]?[jt]s|[jt]sx)$/.test(path)) return SCRIPT;
  return /\.py$/.test(path) ? PYTHON : undefined;
}

/** A longer line is generated. */
const MAX_LINE = 2_000;

/** Names that lines bind at the top of a file. */
export function namesBound(lines: readonly string[], { binds, bindsMany }: NameRules): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of lines) {
    if (line.length > MAX_LINE) continue;
    for (const pattern of binds) {
      const name = pattern.exec(line)?.[1];
      if (name) names.add(name);
    }
    for (const pattern of bindsMany) {
      for (const part of pattern.exec(line)?.[1]?.split(",") ?? []) {
        const name = /([A-Za-z_$][\w$]*)\s*$/.exec(part.trim())?.[1];
        if (name) names.add(name);
      }
    }
  }
  return names;
}

/** Whether a text has a name as a word of its own. */
export function hasWord(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replace(/\$/g, "\\$")}(?![\\w$])`).test(text);
}
