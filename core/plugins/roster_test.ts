import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readGrants, writeGrant } from "../config/grants.ts";
import { PluginError, type PluginHost } from "../plugin_host.ts";
import { makePluginSource } from "../sandbox/plugin_source.ts";
import type { Answer, Question } from "../types.ts";
import { fakeManifest } from "./_fake_plugin.ts";
import type { BundledPlugins } from "./bundled.ts";
import { keepDecision, listPlugins, pluginNotices, type RosterInput, settlePlugins } from "./roster.ts";

const signal = new AbortController().signal;

/** Its manifest is the plugin's text read as JSON: `{"name": "a", "net": ["x"]}`. */
const HOST: PluginHost = {
  readManifest(source) {
    const text = source.files[source.main] ?? "";
    if (!text.startsWith("{")) {
      return Promise.reject(new PluginError(source.where, "syntax", `Cannot load ${source.main}`));
    }
    const { name, ...asked } = JSON.parse(text);
    const none = { read: [], write: [], net: [], run: [], env: [] };
    return Promise.resolve(fakeManifest(name, { permissions: { ...none, ...asked } }));
  },
  open: () => assert.fail("nothing is opened"),
  close: () => {},
};

/** A project and a configuration folder with these files: `p/…` and `c/…`. */
async function inPlace(
  files: Readonly<Record<string, string>>,
  test: (place: { folder: string; input: RosterInput }) => Promise<void>,
) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "smallcode-roster-")));
  try {
    for (const [path, text] of Object.entries({ "p/.keep": "", "c/.keep": "", ...files })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const source = (name: string) =>
      makePluginSource("bundled", `${name}.ts`, { [`${name}.ts`]: JSON.stringify({ name }) });
    const bundled: BundledPlugins = {
      names: () => Promise.resolve(["web"]),
      source: (name) => Promise.resolve(source(name)),
      manifest: (name, host) => host.readManifest(source(name), signal),
    };
    const input = {
      root: join(folder, "p"),
      configFolder: join(folder, "c"),
      trusted: true,
      host: HOST,
      bundled,
      all: true,
      signal,
    };
    await test({ folder, input });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const states = async (input: RosterInput) =>
  (await listPlugins(input)).map(({ found, name, state }) => `${found.origin} ${name} ${state}`);

Deno.test("listPlugins() finds files and folders in their order, and leaves alone what is none", () =>
  inPlace({
    "p/plugins/b.ts": '{"name": "b"}',
    "p/plugins/a.ts": '{"name": "a"}',
    "p/plugins/folder/plugin.ts": '{"name": "inside"}',
    "p/plugins/folder/part.ts": "",
    "p/plugins/empty/other.ts": "",
    "p/plugins/smallcode.d.ts": "",
    "p/plugins/a_test.ts": "",
    "p/plugins/_shared.ts": "",
    "p/plugins/notes.md": "",
    "p/.smallcode/plugins/z.ts": '{"name": "z"}',
    "c/plugins/mine.ts": '{"name": "mine"}',
  }, async ({ input }) => {
    assert.deepEqual(await states(input), [
      "project z new",
      "project a new",
      "project b new",
      "project inside new",
      "user mine new",
      "bundled web off",
    ]);
    assert.deepEqual(await states({ ...input, all: false, trusted: false }), [
      "project z untrusted",
      "project a untrusted",
      "project b untrusted",
      "project folder untrusted",
      "user mine new",
    ]);
  }));

Deno.test("listPlugins() tells a broken plugin from a file that is none, and of two with one name takes the first", () =>
  inPlace({
    "p/plugins/vite.ts": "import vue from 'vue';",
    "p/plugins/wrong.ts": "export default { permissions: {",
    "p/plugins/one.ts": '{"name": "web"}',
    "c/plugins/two.ts": '{"name": "web"}',
  }, async ({ input }) => {
    assert.deepEqual(await states(input), [
      "project web new",
      "project vite foreign",
      "project wrong broken",
      "user web hidden",
      "bundled web hidden",
    ]);
    const told = pluginNotices(await listPlugins({ ...input, all: false }));
    assert.equal(told.length, 3, told.join("\n"));
    assert.ok(!told.some((text) => text.includes("vite")), "a file of another kind is no fault");
  }));

Deno.test("settlePlugins() asks for what waits, keeps a yes and a no, and takes a session's yes for this session", () =>
  inPlace({
    "p/plugins/a.ts": '{"name": "a"}',
    "p/plugins/b.ts": '{"name": "b"}',
    "p/plugins/c.ts": '{"name": "c", "net": ["x.com"]}',
  }, async ({ folder, input }) => {
    const answers: Record<string, Answer> = { a: "always", b: "no", c: "session" };
    const asked: Question[] = [];
    const ask = (question: Question) => {
      asked.push(question);
      return Promise.resolve(question.kind === "plugin" ? answers[question.plugin] ?? "no" : "no");
    };
    const settle = async () =>
      (await settlePlugins(await listPlugins({ ...input, all: false }), input.configFolder, ask, signal))
        .map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(await settle(), ["a on", "b declined", "c on"]);
    assert.deepEqual(
      Object.values(await readGrants(input.configFolder)).map(({ name, decision }) => [name, decision]),
      [
        ["a", "granted"],
        ["b", "declined"],
      ],
    );
    asked.length = 0;
    await settle();
    assert.deepEqual(asked.map((question) => question.kind === "plugin" && question.plugin), ["c"]);
    const unasked = await settlePlugins(
      await listPlugins({ ...input, all: false }),
      input.configFolder,
      undefined,
      signal,
    );
    assert.deepEqual(unasked.map(({ state }) => state), ["on", "declined", "new"]);

    asked.length = 0;
    await writeFile(join(folder, "p/plugins/a.ts"), '{"name": "a", "read": ["."]}');
    await settle();
    assert.equal(asked[0]?.why, "its files changed since you decided; new: read all files of this folder");
  }));

Deno.test("listPlugins() honours a switch, a choice for one run, and a grant that was made for a folder's whole content", () =>
  inPlace(
    { "p/plugins/f/plugin.ts": '{"name": "f"}', "p/plugins/f/part.ts": "1" },
    async ({ folder, input }) => {
      const only = { ...input, all: false };
      const [one] = await listPlugins(only);
      assert.ok(one);
      await keepDecision(input.configFolder, one, "granted");
      assert.deepEqual(await states(only), ["project f on"]);
      assert.deepEqual(await states({ ...only, wanted: ["web"] }), ["project f left_out", "bundled web new"]);
      assert.deepEqual(await states({ ...only, wanted: [] }), ["project f left_out"]);
      const stored = (await readGrants(input.configFolder))[one.found.id];
      assert.ok(stored);
      await writeGrant(input.configFolder, one.found.id, { ...stored, disabled: true });
      assert.deepEqual(await states(only), ["project f off"]);
      await writeGrant(input.configFolder, one.found.id, stored);
      await writeFile(join(folder, "p/plugins/f/part.ts"), "2");
      assert.deepEqual(await states(only), ["project f changed"]);
    },
  ));

Deno.test("listPlugins() lets a new program change its own plugins only while they ask for no more", () =>
  inPlace({}, async ({ input }) => {
    const none = { read: [], write: [], net: [], run: [], env: [] };
    const stored = {
      ...none,
      name: "web",
      hash: "of an older program",
      decision: "granted",
      disabled: false,
    } as const;
    await writeGrant(input.configFolder, "bundled:web", stored);
    assert.deepEqual(await states({ ...input, all: false }), ["bundled web on"]);
    const greedy = fakeManifest("web", { permissions: { ...none, net: ["*"] } });
    const bundled = { ...input.bundled, manifest: () => Promise.resolve(greedy) };
    assert.deepEqual(await states({ ...input, all: false, bundled }), ["bundled web changed"]);
  }));

Deno.test("a grant belongs to the real path: a link is what it leads to", () =>
  inPlace({ "elsewhere/x.ts": '{"name": "x"}', "p/plugins/.keep": "" }, async ({ folder, input }) => {
    await symlink(join(folder, "elsewhere/x.ts"), join(folder, "p/plugins/x.ts"));
    const [one] = await listPlugins({ ...input, all: false });
    assert.deepEqual([one?.found.id, one?.state], [join(folder, "elsewhere/x.ts"), "new"]);
  }));
