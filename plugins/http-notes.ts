/** Lets the model try the server that it is working on, and keeps a note of what each address answered. */

import type { Plugin } from "../core/plugin.ts";

export default {
  name: "http-notes",
  version: "1.0.0",
  description: "Calls the project's own server on this machine and keeps a note of each answer.",
  permissions: { net: ["localhost:3000", "localhost:5173", "localhost:8000", "localhost:8080"] },
  tools: [{
    name: "http_try",
    description: "Call an address of the running server on localhost and show what it answers.",
    category: "web",
    effect: "network",
    parameters: {
      type: "object",
      properties: { url: { type: "string" }, method: { type: "string" }, body: { type: "string" } },
      required: ["url"],
    },
    example: { url: "http://localhost:8000/health" },
    async run(
      { url, method = "GET", body }: { url: string; method?: "GET" | "POST"; body?: string },
      { fetch, store },
    ) {
      const response = await fetch(url, { method, ...(body === undefined ? {} : { body }) });
      const summary = `${method} ${url}: ${response.status}`;
      const notes = (await store.get("notes") ?? []) as string[];
      await store.set("notes", [...notes, summary].slice(-50));
      return { text: `${summary}\n${(await response.text()).slice(0, 4_000)}`, summary };
    },
  }],
  commands: [{
    name: "http-notes",
    description: "show what the server answered so far; clear forgets it",
    async run(args, { store }) {
      if (args === "clear") await store.set("notes", []);
      const notes = (await store.get("notes") ?? []) as string[];
      return notes.join("\n") || "No address was tried yet.";
    },
  }],
} satisfies Plugin;
