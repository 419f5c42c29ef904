/** Takes the types off plugins' files, in a worker that is kept for a moment: starting it costs more than what it does. */

import { cleanLine } from "./clean_text.ts";
import { WorkerFailure } from "./plugin_process.ts";
import type { StripReply, StripRequest } from "./strip_worker.ts";

export interface TypeStripper {
  /**
   * @param files path to text; only `.ts` is changed
   * @throws {WorkerFailure} `syntax` with file and line @throws the signal's reason
   */
  strip(files: Texts, signal: AbortSignal): Promise<Texts>;
  close(): void;
}

type Texts = Readonly<Record<string, string>>;

/** Long enough for all plugins of a session, read one after the other. */
const IDLE_MS = 2_000;

/** @param newWorker starts `strip_worker.ts` without permissions */
export function openTypeStripper(newWorker: () => Promise<Worker>, timeoutMs: number): TypeStripper {
  let worker: Promise<Worker> | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function close(): void {
    clearTimeout(idle);
    worker?.then((running) => running.terminate(), () => {});
    worker = undefined;
  }

  async function stripNow(typed: Texts, signal: AbortSignal): Promise<StripReply> {
    clearTimeout(idle);
    const { promise, resolve, reject } = Promise.withResolvers<StripReply>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    const timer = setTimeout(() => {
      reject(new WorkerFailure("timeout", "its types could not be taken off in time"));
    }, timeoutMs);
    try {
      signal.throwIfAborted();
      const running = await (worker ??= startWorker(newWorker));
      running.onmessage = ({ data }: MessageEvent<StripReply>) => resolve(data);
      running.onerror = (event) => {
        event.preventDefault();
        reject(new WorkerFailure("crashed", `the type stripper failed: ${cleanLine(event.message, 200)}`));
      };
      running.postMessage({ files: typed } satisfies StripRequest);
      const reply = await promise;
      idle = setTimeout(close, IDLE_MS);
      return reply;
    } catch (error) {
      close(); // a worker that still works on this text would answer the next with it
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  return {
    async strip(files, signal) {
      const typed = Object.fromEntries(Object.entries(files).filter(([path]) => path.endsWith(".ts")));
      if (Object.keys(typed).length === 0) return files;
      const turn = last.then(() => stripNow(typed, signal));
      last = turn.catch(() => {});
      const reply = await turn;
      if (reply.kind === "stripped") return { ...files, ...reply.files };
      const message = reply.kind === "failed"
        ? `${reply.path}: ${cleanLine(reply.message, 400)}`
        : "no reply";
      throw new WorkerFailure("syntax", message);
    },
    close,
  };
}

async function startWorker(newWorker: () => Promise<Worker>): Promise<Worker> {
  const worker = await newWorker();
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve(); // it says that it is up
    worker.onerror = (event) => {
      event.preventDefault();
      reject(
        new WorkerFailure("crashed", `the type stripper did not start: ${cleanLine(event.message, 200)}`),
      );
    };
  });
  return worker;
}
