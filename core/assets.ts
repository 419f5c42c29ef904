/**
 * Where a bundled file lies, as a `file:` URL. Known folders: `profiles/`, `grammars/` (tree-sitter wasm), `plugins/`, `suites/`, `wasm/`.
 * `main.ts` makes it: from source it points into the checkout and `node_modules`, in the binary beside the bundle.
 */
export type Assets = (path: string) => URL;
