/** Which grammar reads a file, and which of its nodes are named parts. Data. */

export interface Language {
  /** File name of the grammar in the assets' `grammars/`. */
  readonly grammar: string;
  /** Node types that are parts of an outline, with the kind that is shown. The name is the node's field `name`. */
  readonly parts: Readonly<Record<string, string>>;
}

const JAVASCRIPT: Language["parts"] = {
  function_declaration: "function",
  generator_function_declaration: "function",
  class_declaration: "class",
  abstract_class_declaration: "class",
  method_definition: "method",
  interface_declaration: "interface",
  type_alias_declaration: "type",
  enum_declaration: "enum",
  variable_declarator: "function",
};

const LANGUAGES: Readonly<Record<string, Language>> = {
  bash: { grammar: "tree-sitter-bash.wasm", parts: { function_definition: "function" } },
  csharp: {
    grammar: "tree-sitter-c-sharp.wasm",
    parts: {
      class_declaration: "class",
      interface_declaration: "interface",
      struct_declaration: "struct",
      enum_declaration: "enum",
      method_declaration: "method",
    },
  },
  cpp: {
    grammar: "tree-sitter-cpp.wasm",
    parts: { function_definition: "function", class_specifier: "class", struct_specifier: "struct" },
  },
  css: { grammar: "tree-sitter-css.wasm", parts: {} },
  go: {
    grammar: "tree-sitter-go.wasm",
    parts: { function_declaration: "function", method_declaration: "method", type_spec: "type" },
  },
  java: {
    grammar: "tree-sitter-java.wasm",
    parts: {
      class_declaration: "class",
      interface_declaration: "interface",
      enum_declaration: "enum",
      method_declaration: "method",
      constructor_declaration: "constructor",
    },
  },
  javascript: { grammar: "tree-sitter-javascript.wasm", parts: JAVASCRIPT },
  php: {
    grammar: "tree-sitter-php.wasm",
    parts: { function_definition: "function", class_declaration: "class", method_declaration: "method" },
  },
  powershell: { grammar: "tree-sitter-powershell.wasm", parts: { function_statement: "function" } },
  python: {
    grammar: "tree-sitter-python.wasm",
    parts: { function_definition: "function", class_definition: "class" },
  },
  ruby: {
    grammar: "tree-sitter-ruby.wasm",
    parts: { method: "method", class: "class", module: "module", singleton_method: "method" },
  },
  rust: {
    grammar: "tree-sitter-rust.wasm",
    parts: {
      function_item: "function",
      struct_item: "struct",
      enum_item: "enum",
      trait_item: "trait",
      mod_item: "module",
      impl_item: "impl",
    },
  },
  tsx: { grammar: "tree-sitter-tsx.wasm", parts: JAVASCRIPT },
  typescript: { grammar: "tree-sitter-typescript.wasm", parts: JAVASCRIPT },
};

const BY_EXTENSION: Readonly<Record<string, string>> = {
  bash: "bash",
  c: "cpp",
  cc: "cpp",
  cjs: "javascript",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  cxx: "cpp",
  go: "go",
  h: "cpp",
  hpp: "cpp",
  java: "java",
  js: "javascript",
  jsx: "javascript",
  mjs: "javascript",
  mts: "typescript",
  php: "php",
  ps1: "powershell",
  py: "python",
  pyi: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  ts: "typescript",
  tsx: "tsx",
};

/** The extension in lower case, without the dot; empty where there is none. */
export function extensionOf(path: string): string {
  return /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** The language of a path, or `undefined` when no grammar reads it. */
export function languageOf(path: string): Language | undefined {
  return LANGUAGES[BY_EXTENSION[extensionOf(path)] ?? ""];
}
