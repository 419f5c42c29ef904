/**
 * Where a bundled file lies, as a `file:` URL. Known folders: `profiles/`, `grammars/` (tree-sitter wasm), `plugins/`, `suites/`, `wasm/`, `workers/`.
 * `main.ts` makes it: from source it points into the checkout and `node_modules`, in the binary beside the bundle.
 */
export type Assets = (path: string) => URL;

/**
 * The bytes of a bundled file. In the binary grammars and scripts are stored packed, as `name.gz`: see `.ci/make_bundle.ts`.
 * @throws if the file cannot be read or unpacked
 */
export async function readAsset(url: URL): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(url);
  if (!url.pathname.endsWith(".gz")) return bytes;
  const { gunzipSync } = await import("node:zlib");
  return gunzipSync(bytes);
}
