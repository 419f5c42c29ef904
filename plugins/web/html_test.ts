import assert from "node:assert/strict";
import { callTool, openTestHost } from "../_test_host.ts";
import { decode, htmlToText, readResults } from "./html.ts";
import plugin from "./plugin.ts";

const PAGE = `<!doctype html><html><head><title>T</title><style>p{color:red}</style></head><body>
<nav><a href="/">Home</a></nav><script>if (a < b) document.write("<p>no</p>")</script>
<h1>Guide &amp; notes</h1><p>See <a href="../api.html">the API</a> or <a href="#top">top</a>.</p>
<ul><li>one</li><li>two &#8212; three</li></ul>
<pre>def f():
    return 1 &lt; 2</pre><!-- hidden <p>comment</p> --><p>x<a href="javascript:alert(1)">y</a></p></body></html>`;

Deno.test("htmlToText() keeps headings, lists, code and links, and drops what is not for readers", () => {
  assert.equal(
    htmlToText(PAGE, "https://example.com/docs/guide/"),
    [
      "# Guide & notes",
      "See the API (https://example.com/docs/api.html) or top.",
      "",
      "- one",
      "- two \u2014 three",
      "",
      "def f():",
      "    return 1 < 2",
      "xy",
    ].join("\n"),
  );
});

Deno.test("htmlToText() takes broken and hostile pages in linear time", () => {
  for (
    const html of [
      "<",
      "<a",
      "<!--",
      "<script>",
      "</p></p>",
      "<a href='x",
      "&#99999999;&#xD800;",
      "<p".repeat(3),
    ]
  ) {
    assert.equal(typeof htmlToText(html, "https://example.com"), "string");
  }
  // Each would take minutes if it were not linear.
  for (const piece of ["<script></script>", "<a href=x>&amp;", "<!--", "<style>", "<p><pre>\n"]) {
    htmlToText(piece.repeat(60_000), "https://example.com");
  }
  assert.equal(decode("&amp;&unknown;&#65;&#x41;"), "&&unknown;AA");
});

const RESULTS = `<div class="links_main result__body"><h2><a rel="nofollow" class="result__a"
 href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fdocs.python.org%2F3%2F&amp;rut=1">Python <b>docs</b></a></h2>
<a class="result__snippet" href="x">The <b>official</b> docs.</a></div>
<div class="result__body"><a class="result__a" href="//duckduckgo.com/y.js?ad=1">Ad</a></div>`;

Deno.test("readResults() finds title, real address and text, and leaves out advertisements", () => {
  assert.deepEqual(readResults(RESULTS), [
    { title: "Python docs", url: "https://docs.python.org/3/", text: "The official docs." },
  ]);
  assert.deepEqual(readResults("<html>no results</html>"), []);
});

Deno.test("web_search and web_fetch say what they found, and what they cannot read", async () => {
  await using host = await openTestHost({
    pages: {
      "https://html.duckduckgo.com/html/?q=python%20docs": { body: RESULTS },
      "https://html.duckduckgo.com/html/?q=nothing": { body: "<html></html>" },
      "https://example.com/docs/guide/": { body: PAGE },
      "https://example.com/a.png": { type: "image/png", body: "" },
      "https://example.com/a.json": { type: "application/json", body: '{"a": 1}' },
      "https://example.com/long": { type: "text/plain", body: "x".repeat(30_000) },
    },
  });
  assert.equal(
    (await callTool(plugin, "web_search", { query: "python docs" }, host)).text,
    "1. Python docs\n   https://docs.python.org/3/\n   The official docs.\nRead one with web_fetch.",
  );
  assert.match(
    (await callTool(plugin, "web_search", { query: "nothing" }, host)).text,
    /Nothing was found for "nothing"/,
  );
  assert.match(
    (await callTool(plugin, "web_fetch", { url: "example.com/docs/guide/" }, host)).text,
    /^https:.*\n\n# Guide & notes/,
  );
  assert.match(
    (await callTool(plugin, "web_fetch", { url: "https://example.com/a.json" }, host)).text,
    /\{"a": 1\}$/,
  );
  assert.match(
    (await callTool(plugin, "web_fetch", { url: "https://example.com/long" }, host)).text,
    /\[20000 of 30000 characters\]$/,
  );
  await assert.rejects(
    callTool(plugin, "web_fetch", { url: "https://example.com/a.png" }, host),
    /is image\/png, not text/,
  );
  await assert.rejects(
    callTool(plugin, "web_fetch", { url: "https://example.com/gone" }, host),
    /answered with status 404/,
  );
});
