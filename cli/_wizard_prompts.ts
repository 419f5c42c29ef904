/** The wizard's questions at a terminal. Each gives its answer or throws `WizardCancelled`. */

import process from "node:process";
import type { DetectedServer } from "../core/model/detect.ts";
import { normalizeBaseUrl } from "../core/config/keys.ts";
import { type Provider, providerNamed, PROVIDERS } from "../core/config/providers.ts";
import type { ProviderName } from "../core/config/config.ts";
import type { Scope } from "./_save_settings.ts";

/** The person left with Ctrl+C or Escape. */
export class WizardCancelled extends Error {
  override readonly name = "WizardCancelled";
}

/** More models than this are searched by typing. */
const LISTED_MODELS = 12;

/** A server that runs, or a kind of server. */
export type ServerChoice =
  | { readonly kind: "running"; readonly server: DetectedServer }
  | { readonly kind: "provider"; readonly provider: Provider };

export interface Prompts {
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly server: (found: readonly DetectedServer[], initial?: ProviderName) => Promise<ServerChoice>;
  readonly baseUrl: (message: string, initial: string) => Promise<string>;
  /** Hidden while typed; empty where none is needed. */
  readonly apiKey: (message: string, isRequired: boolean) => Promise<string>;
  readonly model: (names: readonly string[]) => Promise<string>;
  readonly number: (message: string, initial: number) => Promise<string>;
  readonly scope: (globalPath: string) => Promise<Scope>;
  readonly confirm: (message: string, initial: boolean) => Promise<boolean>;
  /** Shows that something is waited for. */
  readonly wait: <T>(message: string, work: Promise<T>) => Promise<T>;
}

/** Loads the prompts. @param signal ends the question that is open */
export async function openPrompts(signal: AbortSignal): Promise<Prompts> {
  const clack = await import("@clack/prompts");
  const taken = <T>(answer: T): Exclude<T, symbol> => {
    if (clack.isCancel(answer)) throw new WizardCancelled("Cancelled; nothing was changed");
    return answer as Exclude<T, symbol>;
  };
  return {
    say: (text) => clack.log.info(text),
    warn: (text) => clack.log.warn(text),
    server: async (found, initial) => {
      const others = PROVIDERS.filter(({ name }) =>
        !found.some(({ endpoint }) => endpoint.provider === name)
      );
      const value = taken(
        await clack.select<string>({
          message: "Which model server?",
          options: [
            ...found.map(({ baseUrl, endpoint, models }) => ({
              value: baseUrl,
              label: `${providerNamed(endpoint.provider).title} at ${baseUrl}`,
              hint: `running, ${
                models.length === 1 ? models[0]?.split("/").at(-1) : `${models.length} models`
              }`,
            })),
            ...others.map(({ name, title, isLocal }) => ({
              value: name,
              label: title,
              ...(isLocal ? { hint: "not running here" } : {}),
            })),
          ],
          ...(initial ? { initialValue: initial } : {}),
          signal,
        }),
      );
      const server = found.find(({ baseUrl }) => baseUrl === value);
      return server
        ? { kind: "running", server }
        : { kind: "provider", provider: providerNamed(value as ProviderName) };
    },
    baseUrl: async (message, initial) => {
      const isWrong = (text: string | undefined) =>
        normalizeBaseUrl(text ?? "") === undefined
          ? "An address like http://localhost:8080/v1, without user, query or fragment"
          : undefined;
      const text = taken(await clack.text({ message, initialValue: initial, validate: isWrong, signal }));
      return normalizeBaseUrl(text) ?? text;
    },
    apiKey: async (message, isRequired) => {
      const validate = (text: string | undefined) =>
        isRequired && !text?.trim() ? "A key is needed" : undefined;
      return (taken(await clack.password({ message, validate, clearOnError: true, signal })) ?? "").trim();
    },
    model: async (names) => {
      if (names.length === 0) {
        const validate = (text: string | undefined) => text?.trim() ? undefined : "A name is needed";
        return taken(
          await clack.text({
            message: "The server lists no models. Which one, as it is called there?",
            validate,
            signal,
          }),
        );
      }
      const options = names.map((name) => ({ value: name, label: name }));
      const message = "Which model?";
      return taken(
        names.length > LISTED_MODELS
          ? await clack.autocomplete<string>({ message, options, maxItems: LISTED_MODELS, signal })
          : await clack.select<string>({ message, options, signal }),
      );
    },
    number: async (message, initial) => {
      const validate = (text: string | undefined) =>
        /^\d{1,4}$/.test(text ?? "") && Number(text) <= 1000 ? undefined : "A whole number from 0 to 1000";
      return taken(await clack.text({ message, initialValue: String(initial), validate, signal }));
    },
    scope: async (globalPath) =>
      taken(
        await clack.select<Scope>({
          message: "For which folders?",
          options: [
            { value: "global", label: "all", hint: globalPath },
            { value: "project", label: "this project only", hint: "./smallcode.toml, or ./.env with a key" },
          ],
          signal,
        }),
      ),
    confirm: async (message, initial) =>
      taken(await clack.confirm({ message, initialValue: initial, signal })),
    wait: async (message, work) => {
      const spinner = clack.spinner({ signal });
      spinner.start(message);
      try {
        const result = await work;
        spinner.stop(message);
        return result;
      } catch (error) {
        spinner.error(message);
        throw error;
      }
    },
  };
}

/** Gives the keyboard to `work` alone: a line editor that is open (the REPL's) neither sees the keys nor loses its state. */
export async function withKeyboard<T>(work: () => Promise<T>): Promise<T> {
  const { stdin } = process;
  const listeners = stdin.listeners("keypress");
  const wasRaw = stdin.isRaw === true;
  for (const listener of listeners) stdin.off("keypress", listener as () => void);
  try {
    return await work();
  } finally {
    // The last prompt closes, and pauses the input, only after its answer was given.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (const listener of listeners) stdin.on("keypress", listener as () => void);
    if (wasRaw) stdin.setRawMode(true);
    if (listeners.length > 0) stdin.resume();
  }
}
