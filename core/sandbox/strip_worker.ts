/** A worker without permissions that takes the types off a plugin's files (`amaro`, strip only: lines and columns stay). */

import { transformSync } from "amaro";

/** `files`: TypeScript texts by path. */
export type StripRequest = { readonly files: Readonly<Record<string, string>> };
export type StripReply =
  | { readonly kind: "up" }
  | { readonly kind: "stripped"; readonly files: Readonly<Record<string, string>> }
  | { readonly kind: "failed"; readonly path: string; readonly message: string };

const scope = globalThis as unknown as {
  postMessage(message: StripReply): void;
  onmessage: ((event: MessageEvent<StripRequest>) => void) | null;
};

function strip(files: Readonly<Record<string, string>>): StripReply {
  const stripped: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    try {
      stripped[path] = transformSync(text, { mode: "strip-only", filename: path }).code;
    } catch (error) {
      const { message } = error as { message?: unknown };
      return { kind: "failed", path, message: String(message ?? error).slice(0, 2_000) };
    }
  }
  return { kind: "stripped", files: stripped };
}

scope.onmessage = ({ data }) => scope.postMessage(strip(data.files));
scope.postMessage({ kind: "up" });
