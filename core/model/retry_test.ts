import assert from "node:assert/strict";
import { retryAfterMs, sleep } from "./retry.ts";

Deno.test("retryAfterMs() reads seconds and dates, and never more than a minute", () => {
  const now = Date.parse("2026-11-01T00:00:00Z");
  const headers = [
    null,
    "3",
    "0.5",
    "-1",
    "9999",
    "Sun, 01 Nov 2026 00:00:05 GMT",
    "soon",
    "Sat, 31 Oct 2026 00:00:00 GMT",
  ];
  assert.deepEqual(headers.map((header) => retryAfterMs(header, now)), [
    undefined,
    3_000,
    500,
    0,
    60_000,
    5_000,
    undefined,
    0,
  ]);
});

Deno.test("sleep() ends at once when aborted, before and during", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
  await assert.rejects(sleep(60_000, controller.signal), reason);
});
