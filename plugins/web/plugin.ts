/** Search the web, read a page. Off until it is granted: what is searched for and which pages are read leaves this machine. */

import type { Plugin, PluginGlobals } from "../../core/plugin.ts";
import { htmlToText, readResults } from "./html.ts";

const MAX_TEXT = 20_000;
const MAX_RESULTS = 8;
const AGENT = { "user-agent": "Mozilla/5.0 (compatible; smallcode)", "accept-language": "en" };

async function search(query: string, { fetch }: PluginGlobals) {
  const response = await fetch(`https://html.duckduckgo.com/html/?q=${encodeURIComponent(query)}`, {
    headers: AGENT,
  });
  if (!response.ok) throw new Error(`The search answered with status ${response.status}; try again later`);
  const found = readResults(await response.text()).slice(0, MAX_RESULTS);
  if (found.length === 0) {
    return { text: `Nothing was found for "${query}". Try other words.`, summary: "0 results" };
  }
  const lines = found.map(({ title, url, text }, i) => `${i + 1}. ${title}\n   ${url}\n   ${text}`);
  return { text: `${lines.join("\n")}\nRead one with web_fetch.`, summary: `${found.length} results` };
}

async function read(address: string, { fetch }: PluginGlobals) {
  const url = /^https?:\/\//i.test(address) ? address : `https://${address}`;
  const response = await fetch(url, { headers: AGENT });
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  if (
    !/^(?:text\/|application\/(?:json|xml|xhtml|javascript|[\w.-]+\+(?:json|xml)))/i.test(type || "text/html")
  ) {
    throw new Error(`${url} is ${type.split(";")[0]}, not text`);
  }
  const body = await response.text();
  const text = /html/i.test(type) || /^\s*<(?:!doctype|html)/i.test(body.slice(0, 200))
    ? htmlToText(body, response.url)
    : body;
  const cut = text.length > MAX_TEXT
    ? `${text.slice(0, MAX_TEXT)}\n[${MAX_TEXT} of ${text.length} characters]`
    : text;
  return {
    text: `${response.url}\n\n${cut}`,
    summary: `${text.length} characters of ${new URL(response.url).host}`,
  };
}

export default {
  name: "web",
  version: "1.0.0",
  description: "Searches the web with DuckDuckGo and reads pages as text.",
  permissions: { net: ["*"] },
  tools: [
    {
      name: "web_search",
      description: "Search the web; gives titles, addresses and a line of each page.",
      category: "web",
      effect: "network",
      parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
      example: { query: "python asyncio timeout" },
      run: ({ query }: { query: string }, host) => search(query, host),
    },
    {
      name: "web_fetch",
      description: "Read a web page as text with its links.",
      category: "web",
      effect: "network",
      parameters: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
      example: { url: "https://docs.python.org/3/library/asyncio.html" },
      run: ({ url }: { url: string }, host) => read(url, host),
    },
  ],
} satisfies Plugin;
