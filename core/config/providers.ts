/** The servers that can be named, where they answer by default, and which key is theirs. */

import type { ProviderName } from "./config.ts";

export interface Provider {
  readonly name: ProviderName;
  /** As people write it. */
  readonly title: string;
  /** Absent for `custom`. */
  readonly baseUrl?: string;
  /** Variable with its key; the key goes to the origin of `baseUrl` and nowhere else. */
  readonly keyEnv?: string;
  readonly isLocal: boolean;
}

/** Default ports as each server documents them; cloud base URLs are the OpenAI-compatible ones of each vendor's manual. */
export const PROVIDERS: readonly Provider[] = [
  { name: "ollama", title: "Ollama", baseUrl: "http://localhost:11434/v1", isLocal: true },
  { name: "lmstudio", title: "LM Studio", baseUrl: "http://localhost:1234/v1", isLocal: true },
  { name: "llamacpp", title: "llama.cpp", baseUrl: "http://localhost:8080/v1", isLocal: true },
  { name: "vllm", title: "vLLM", baseUrl: "http://localhost:8000/v1", isLocal: true },
  {
    name: "openrouter",
    title: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    keyEnv: "OPENROUTER_API_KEY",
    isLocal: false,
  },
  {
    name: "openai",
    title: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    keyEnv: "OPENAI_API_KEY",
    isLocal: false,
  },
  {
    name: "anthropic",
    title: "Anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    keyEnv: "ANTHROPIC_API_KEY",
    isLocal: false,
  },
  {
    name: "deepseek",
    title: "DeepSeek",
    baseUrl: "https://api.deepseek.com/v1",
    keyEnv: "DEEPSEEK_API_KEY",
    isLocal: false,
  },
  { name: "custom", title: "another OpenAI-compatible server", isLocal: false },
];

/** The provider of that name. */
export function providerNamed(name: ProviderName): Provider {
  const found = PROVIDERS.find((provider) => provider.name === name);
  if (!found) throw new RangeError(`There is no provider "${name}"`);
  return found;
}

/** Whose server a base URL is: by origin for the clouds, by port for a loopback server, else `custom`. */
export function guessProvider(baseUrl: string): ProviderName {
  const url = new URL(baseUrl);
  for (const { name, baseUrl: known, isLocal } of PROVIDERS) {
    if (known === undefined) continue;
    if (isLocal ? isLoopback(baseUrl) && url.port === new URL(known).port : sameOrigin(baseUrl, known)) {
      return name;
    }
  }
  return "custom";
}

/** Whether two URLs have the same scheme, host and port: the reach of a key (DESIGN decision 10). */
export function sameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}

/** Whether a URL leads to this machine: `localhost`, 127.0.0.0/8 or `[::1]`. */
export function isLoopback(baseUrl: string): boolean {
  const host = new URL(baseUrl).hostname;
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
