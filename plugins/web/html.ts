/** HTML to text that a model can read: headings, lists, code and links stay, everything else goes. One pass, no tree. */

/** What stands between these tags is not for readers. */
const HIDDEN = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "svg",
  "head",
  "nav",
  "footer",
  "iframe",
  "select",
]);
const BLOCK = new Set([
  ...[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "aside",
    "ul",
    "ol",
    "table",
    "tr",
    "form",
    "blockquote",
  ],
  ...["pre", "figure", "dl", "dt", "dd", "br", "hr", "li", "h1", "h2", "h3", "h4", "h5", "h6"],
]);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  mdash: "-",
  ndash: "-",
  hellip: "...",
  copy: "(c)",
  rsquo: "'",
  lsquo: "'",
  ldquo: '"',
  rdquo: '"',
};

/** Readable text with links as `text (address)`. @param base address of the page, for relative links */
export function htmlToText(html: string, base: string): string {
  const parts: string[] = [];
  const lower = html.toLowerCase();
  const breakLine = () => {
    if (!/\n[ \t]*$/.test(parts.at(-1) ?? "\n")) parts.push("\n");
  };
  let hidden = 0;
  let hiddenBy = "";
  let isPre = false;
  let link: { readonly href: string; readonly from: number } | undefined;
  for (let at = 0; at < html.length;) {
    const open = html.indexOf("<", at);
    const text = html.slice(at, open < 0 ? html.length : open);
    if (text !== "" && hidden === 0) parts.push(isPre ? decode(text) : decode(text).replace(/\s+/g, " "));
    if (open < 0) break;
    if (html.startsWith("<!--", open)) {
      const end = html.indexOf("-->", open + 4);
      at = end < 0 ? html.length : end + 3;
      continue;
    }
    const close = html.indexOf(">", open);
    if (close < 0) break;
    const tag = html.slice(open + 1, close);
    at = close + 1;
    const isEnd = tag.startsWith("/");
    const name = /^\/?([a-z][a-z0-9]*)/i.exec(tag.slice(0, 40))?.[1]?.toLowerCase();
    if (name === undefined) continue;
    if (HIDDEN.has(name) && !tag.endsWith("/")) {
      if (hidden === 0 && !isEnd) hiddenBy = name;
      if (name === hiddenBy) hidden = Math.max(0, hidden + (isEnd ? -1 : 1));
      // A script's text may hold anything that looks like a tag.
      if (!isEnd && (name === "script" || name === "style")) {
        const end = lower.indexOf(`</${name}`, at);
        at = end < 0 ? html.length : end;
      }
      continue;
    }
    if (hidden > 0) continue;
    if (name === "pre") isPre = !isEnd;
    if (name === "a" && !isEnd) {
      const href = absolute(attribute(tag, "href"), base);
      link = href === undefined ? undefined : { href, from: parts.length };
    }
    if (name === "a" && isEnd && link) {
      const shown = parts.slice(link.from).join("").trim();
      if (shown !== "" && shown !== link.href) parts.push(` (${link.href})`);
      link = undefined;
    }
    if (!BLOCK.has(name)) continue;
    const level = /^h([1-6])$/.exec(name)?.[1];
    breakLine();
    if (level && !isEnd) parts.push(`\n${"#".repeat(Number(level))} `);
    if (name === "li" && !isEnd) parts.push("- ");
  }
  return parts.join("").split("\n").map((line) => isPre ? line : line.trimEnd())
    .join("\n").replace(/[ \t]+\n/g, "\n").replace(/\n[ \t]+(?=\S)/g, keepIndent).replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** One space at a line's beginning comes from markup, more from code. */
function keepIndent(found: string): string {
  return found.length === 2 ? "\n" : found;
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(
    tag.slice(0, 4_000),
  );
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decode(value);
}

/** Only what can be fetched. */
function absolute(href: string | undefined, base: string): string | undefined {
  if (href === undefined || href.startsWith("#")) return undefined;
  try {
    const url = new URL(href, base);
    return /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined; // no address at all
  }
}

/** The character references that pages use; an unknown one stays as it is. */
export function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex, 16);
    return code > 31 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
      ? String.fromCodePoint(code)
      : " ";
  });
}

/** A result of the search page. */
export interface Found {
  readonly title: string;
  readonly url: string;
  readonly text: string;
}

/** Reads the results of DuckDuckGo's page without scripts (html.duckduckgo.com); its links lead through a redirect that names the target. */
export function readResults(html: string): readonly Found[] {
  const blocks = html.split(/class="[^"]*\bresult__body\b[^"]*"/).slice(1);
  return blocks.flatMap((block) => {
    const anchor = /<a[^>]{0,500}class="[^"]{0,100}\bresult__a\b[^>]{0,1500}>/.exec(block.slice(0, 20_000));
    if (!anchor) return [];
    const from = anchor.index + anchor[0].length;
    const end = block.indexOf("</a>", from);
    const url = target(attribute(anchor[0].slice(1), "href") ?? "");
    if (end < 0 || url === undefined) return [];
    const at = block.indexOf("result__snippet", end);
    const snippet = at < 0 ? "" : block.slice(block.indexOf(">", at) + 1, block.indexOf("</a>", at));
    const plain = (markup: string) => htmlToText(markup, url).replace(/\s+/g, " ").trim();
    return [{ title: plain(block.slice(from, end)), url, text: plain(snippet) }];
  });
}

function target(href: string): string | undefined {
  try {
    const url = new URL(href, "https://duckduckgo.com");
    const real = url.searchParams.get("uddg");
    // An advertisement leads to duckduckgo.com itself.
    const found = new URL(real ?? url.href);
    return found.hostname.endsWith("duckduckgo.com") ? undefined : found.href;
  } catch {
    return undefined; // no address
  }
}
