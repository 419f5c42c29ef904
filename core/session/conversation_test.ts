import { match, ok, rejects } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { call, play } from "../_test_play.ts";
import type { EventBody } from "../events.ts";
import { openStore } from "../store/store.ts";
import { openJournal } from "../store/journal.ts";
import { beginTurn } from "../store/turns.ts";
import { bindSmallCode } from "../smallcode.ts";
import { bundle } from "../../main.ts";

const KEY = "sk-proj-abcdEFGH1234567890";

Deno.test("a session that is open is refused to a second one, and given to it once the first has ended", async () => {
  await play({
    replies: [{ text: "Hello." }],
    tasks: ["say hello"],
    async after({ project, home, url }) {
      const SmallCode = bindSmallCode(() => ({ ...bundle(), env: { HOME: home }, home }));
      const where = { cwd: project, dataFolder: join(home, "data"), baseUrl: url, model: "scripted" };
      const second = () => new SmallCode({ ...where, resume: "last" });
      // The play's own agent is open still.
      await rejects(() => second().open(), /Cannot resume session "\w+": another smallcode is at work in it/);
    },
  });
});

Deno.test("events bring no secret, in whatever pieces it comes", async () => {
  const { events, requests } = await play({
    replies: [
      call("bash", { command: `echo ${KEY}; echo hunter2hunter2` }),
      { text: `The key is ${KEY} and hunter2hunter2.` },
    ],
    tasks: ["print the key"],
    options: { apiKey: "hunter2hunter2" },
  });
  const told = JSON.stringify(events);
  ok(!told.includes(KEY) && !told.includes("hunter2"), told);
  const said = events.flatMap((event) => event.type === "token" ? [event.text] : []).join("");
  match(said, /The key is \*\*\*\* and \*\*\*\*\.$/);
  // The model reads what the command said.
  match(JSON.stringify(requests.at(-1)?.messages), new RegExp(KEY));
});

Deno.test("a turn that was cut off is told at the next start, and its files are kept without an answer", async () => {
  const { events } = await play({
    replies: [{ text: "Hello." }],
    tasks: ["say hello"],
    files: { "a.txt": "new\n" },
    async before({ project }) {
      const store = await openStore({ folder: join(project, "..", "data"), now: Date.now, sync: "off" });
      const session = store.create({ cwd: project, model: "x" });
      beginTurn(store, { session, turn: 1, root: project, snapshot: "" });
      const journal = openJournal(store, { session, root: project, turn: () => 1, step: () => 1 });
      const bytes = (text: string) => new TextEncoder().encode(text);
      journal.record({ path: "a.txt", before: bytes("old\n"), after: bytes("new\n") });
      const tell = (body: EventBody) => store.append({ at: 1, session, turn: 1, step: 1, ...body });
      const change = {
        path: "b.txt",
        kind: "edited",
        by: "command",
        linesAdded: 0,
        linesRemoved: 0,
      } as const;
      tell({ type: "edit", change, diff: "" });
      tell({ type: "tool_start", id: "1", name: "bash", args: { command: "make\nmore" }, effect: "run" });
      await writeFile(join(project, `.smallcode-${crypto.randomUUID()}.tmp`), "half");
      store.close();
    },
  });
  const notices = events.flatMap((event) => event.type === "notice" ? [event.text] : []);
  match(
    notices.join("\n"),
    /Turn 1 of session (\w+) was cut off; it had changed a\.txt\. `smallcode undo --session \1 --turn 1` puts them back; its commands changed b\.txt, which stay as they are; `make` was running: what it changed is not known$/m,
  );
});
