/** Attempts through the network: other hosts, other ways to write an address, names that lead here, redirects, framing. */

import type { Attempt } from "./attempt.ts";

const getAll = (urls: string) =>
  `const r: string[] = []; for (const url of ${urls}) { try { const a = await fetch(url); r.push("got " + a.status + " " + await a.text()); } catch (e: any) { r.push(e.message); } } return r.join("\\n");`;
const REFUSED = /^(?!.*got ).*(?:Not granted|Cannot fetch)/s;
const all = { net: ["*", "api.example.com"] };
const bait = { net: ["BAIT"] };

export const NET: readonly Attempt[] = [
  {
    name: "a host that was not granted",
    group: "net",
    code: getAll(
      `[args.url, "http://example.com/", "https://api.example.com.evil.com/", "http://xapi.example.com", "http://api.example.com:8080/"]`,
    ),
    permissions: { net: ["api.example.com"] },
    names: { "api.example.com": [["93.184.216.34"]] },
    shows: REFUSED,
  },
  {
    name: "a port that was not granted",
    group: "net",
    code: getAll(`[args.url, args.bait.replace(/:(\\d+)$/, ":1"), "http://127.0.0.1/"]`),
    permissions: bait,
    shows: REFUSED,
  },
  {
    name: "this machine by its addresses, under *",
    group: "net",
    code: getAll(
      `["http://127.0.0.1/", "http://127.1.2.3/", "http://0.0.0.0/", "http://[::1]/", "http://[::]/", "http://localhost/"]`,
    ),
    permissions: all,
    names: { localhost: [["127.0.0.1"]] },
    shows: REFUSED,
  },
  {
    name: "this machine in decimal, octal, hex and short",
    group: "net",
    code: getAll(
      `["http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/", "http://0x7f000001/", "http://017700000001/", "http://0/"]`,
    ),
    permissions: all,
    shows: REFUSED,
  },
  {
    name: "IPv4 inside IPv6",
    group: "net",
    code: getAll(
      `["http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/"]`,
    ),
    permissions: all,
    shows: REFUSED,
  },
  {
    name: "local networks and cloud metadata",
    group: "net",
    code: getAll(
      `["http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://[fd00::1]/", "http://[fe80::1]/", "http://metadata.google.internal/"]`,
    ),
    permissions: all,
    names: { "metadata.google.internal": [["169.254.169.254"]] },
    shows: REFUSED,
  },
  {
    name: "a granted public name that leads to this machine",
    group: "net",
    code: getAll(`["http://api.example.com/", "https://api.example.com/"]`),
    permissions: { net: ["api.example.com"] },
    names: { "api.example.com": [["127.0.0.1"]] },
    shows: /private address.*private address/s,
  },
  {
    name: "a name that leads to this machine in IPv6 forms",
    group: "net",
    code: getAll(`["http://api.example.com/", "http://b.example.com/", "http://c.example.com/"]`),
    permissions: { net: ["*"] },
    names: {
      "api.example.com": [["::1"]],
      "b.example.com": [["::ffff:127.0.0.1"]],
      "c.example.com": [["0.0.0.0"]],
    },
    shows: /(private address.*){3}/s,
  },
  {
    name: "a name with one public and one private address",
    group: "net",
    code: getAll(`["http://api.example.com/"]`),
    permissions: { net: ["api.example.com"] },
    names: { "api.example.com": [["93.184.216.34", "127.0.0.1"]] },
    shows: /private address/,
  },
  {
    name: "rebinding: public when judged, private when connected",
    group: "net",
    code: getAll(`["http://api.example.com/", "http://api.example.com/"]`),
    permissions: { net: ["api.example.com"] },
    names: { "api.example.com": [["93.184.216.34"], ["127.0.0.1"]] },
    shows: /no way to 93\.184\.216\.34.*private address/s,
  },
  {
    name: "a redirect to a host that was not granted",
    group: "net",
    code: getAll(
      `[301, 302, 303, 307, 308].map((s) => args.bait + "/redirect?status=" + s + "&to=" + encodeURIComponent(args.url))`,
    ),
    permissions: bait,
    shows: /(Not granted.*){5}/s,
  },
  {
    name: "redirects to other schemes and to user names",
    group: "net",
    code: getAll(
      `["file://" + args.secret, "data:text/plain,pwned", "http://user@" + args.bait.slice(7), "javascript:1", "//" + args.url.slice(7), "ftp://127.0.0.1/"].map((to) => args.bait + "/redirect?status=302&to=" + encodeURIComponent(to))`,
    ),
    permissions: bait,
    shows: REFUSED,
  },
  {
    name: "a redirect that never ends",
    group: "net",
    code: getAll(`[args.bait + "/loop"]`),
    permissions: bait,
    shows: /more than 5 redirects/,
  },
  {
    name: "a public host that redirects here, under *",
    group: "net",
    code: getAll(`[args.bait + "/redirect?status=302&to=" + encodeURIComponent("http://127.0.0.1/")]`),
    permissions: { net: ["BAIT", "*"] },
    shows: REFUSED,
  },
  {
    name: "user names in the URL",
    group: "net",
    code: getAll(
      `["http://api.example.com@127.0.0.1/", "http://api.example.com:80@" + args.url.slice(7), "http://user:pass@api.example.com/", "http://api.example.com%2f@127.0.0.1/"]`,
    ),
    permissions: all,
    names: { "api.example.com": [["93.184.216.34"]] },
    shows: REFUSED,
  },
  {
    name: "slashes, tabs and dots that parsers read apart",
    group: "net",
    code: getAll(
      `["http:\\\\\\\\127.0.0.1", "http:/\\\\127.0.0.1/", "http://api.example.com\\\\@127.0.0.1/", "http://127.0.0.1\\t.nip/", "http://127.0.0.1#@api.example.com/", "http://127.0.0.1?@api.example.com", "http://127.0.0.1./", "http://①②⑦.0.0.1/", "http://127。0。0。1/", "http://localhost./"]`,
    ),
    permissions: all,
    names: { localhost: [["127.0.0.1"]] },
    shows: REFUSED,
  },
  {
    name: "other schemes",
    group: "net",
    code: getAll(
      `["file://" + args.secret, "ftp://127.0.0.1/", "data:text/plain,pwned", "blob:x", "ws://127.0.0.1/", "unix:/run/x", "about:blank", "", "/etc/passwd"]`,
    ),
    permissions: all,
    shows: REFUSED,
  },
  {
    name: "entries of a grant that say more than a host",
    group: "net",
    code: getAll(`[args.url, "http://127.0.0.1/", "http://evil.com/"]`),
    permissions: {
      net: [
        "*.com",
        "http://127.0.0.1",
        "127.0.0.1/",
        "*:80",
        "0.0.0.0/0",
        "evil.com@127.0.0.1",
        "user:x@evil.com",
        "[::]",
      ],
    },
    shows: REFUSED,
  },
  {
    name: "header and request smuggling",
    group: "net",
    code:
      `const r: string[] = []; for (const [name, value] of [["x", "a\\r\\nHost: evil"], ["x\\r\\ny", "z"], ["Host", "evil"], ["Transfer-Encoding", "chunked"], ["Content-Length", "1"], ["Connection", "upgrade"], ["Proxy-Authorization", "x"], ["x y", "z"], ["x", "\\u010a"], ["Expect", "100-continue"]]) { try { await fetch(args.bait + "/ok", { headers: { [name]: value } }); r.push("got"); } catch (e: any) { r.push(e.message); } } for (const method of ["GET / HTTP/1.1\\r\\nHost: evil\\r\\n\\r\\nGET", "CONNECT", "TRACE", ""]) { try { await fetch(args.bait + "/ok", { method: method as any }); r.push("got"); } catch (e: any) { r.push(e.message); } } try { const a = await fetch(args.bait + "/ok?\\r\\nX: 1\\r\\n\\r\\nGET /evil HTTP/1.1"); r.push(await a.text()); } catch (e: any) { r.push(e.message); } return r.join(" ");`,
    permissions: bait,
    shows: /^(?!.*got ).*(Cannot fetch.*){14}/s,
  },
  {
    name: "an answer without an end, and a packed bomb",
    group: "net",
    code: getAll(
      `[args.bait + "/endless", args.bait + "/bomb", args.bait + "/long-head", args.bait + "/two-lengths"]`,
    ),
    permissions: bait,
    shows: /(Cannot fetch.*){4}/s,
  },
  {
    name: "keys kept away from another host by a redirect",
    group: "net",
    code:
      `const a = await fetch(args.bait + "/redirect?status=307&to=" + encodeURIComponent(args.bait.replace("127.0.0.1", "localhost") + "/echo"), { method: "POST", headers: { authorization: "Bearer CANARY-key", cookie: "CANARY", "x-api-key": "CANARY" }, body: "b" }); return "ran " + await a.text();`,
    permissions: { net: ["BAIT", "LOCALBAIT"] },
    names: { localhost: [["127.0.0.1"]] },
    shows: /ran POST/,
  },
];
