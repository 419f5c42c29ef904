/** Where the user's configuration and data lie. */

import { posix, win32 } from "node:path";

/** What of the process decides the folders. */
export interface Host {
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly platform: "linux" | "darwin" | "windows";
}

/**
 * Linux and macOS: `$XDG_CONFIG_HOME` or `~/.config` for configuration; `$XDG_DATA_HOME`, else `~/.local/share` or
 * `~/Library/Application Support`, for data. Windows: `%APPDATA%` and `%LOCALAPPDATA%`. A relative XDG path is ignored, as its specification asks.
 */
export function findFolders(host: Host): { readonly config: string; readonly data: string } {
  if (host.platform === "windows") {
    const { join } = win32;
    const roaming = host.env.APPDATA || join(host.home, "AppData", "Roaming");
    const local = host.env.LOCALAPPDATA || join(host.home, "AppData", "Local");
    return { config: join(roaming, "smallcode"), data: join(local, "smallcode") };
  }
  const { isAbsolute, join } = posix;
  const pick = (name: string, otherwise: string) => {
    const set = host.env[name];
    return set && isAbsolute(set) ? set : otherwise;
  };
  const data = host.platform === "darwin"
    ? join(host.home, "Library", "Application Support")
    : join(host.home, ".local", "share");
  return {
    config: join(pick("XDG_CONFIG_HOME", join(host.home, ".config")), "smallcode"),
    data: join(pick("XDG_DATA_HOME", data), "smallcode"),
  };
}

/** Where things lie that can be fetched again: `$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`. */
export function cacheFolder(host: Host): string {
  const { env, home, platform } = host;
  if (platform === "windows") return win32.join(findFolders(host).data, "cache");
  const { isAbsolute, join } = posix;
  const usual = platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  const set = env.XDG_CACHE_HOME;
  return join(set && isAbsolute(set) ? set : usual, "smallcode");
}
