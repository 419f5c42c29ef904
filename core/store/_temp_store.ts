/** A store in a temporary folder, for tests. */

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store } from "./store.ts";

/** Runs `test` with a new store and an empty workspace; both are removed. The clock gives 1,000, 2,000, … */
export async function withStore(
  test: (place: { store: Store; folder: string; root: string; session: string }) => Promise<void> | void,
): Promise<void> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "smallcode-store-")));
  const folder = join(base, "data");
  const root = await realpath(await mkdtemp(join(base, "work-")));
  let seconds = 0;
  const store = await openStore({
    folder,
    now: () => ++seconds * 1000,
    sync: "off",
  });
  try {
    await test({ store, folder, root, session: store.create({ cwd: root, model: "test" }) });
  } finally {
    store.close();
    await rm(base, { recursive: true });
  }
}
