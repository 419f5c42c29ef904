/** Whether a check can have run a changed file, by what its command starts and where. Pure. */

/** Programs, and the files that what they run is written in. */
const LANGUAGES: readonly (readonly [programs: RegExp, files: RegExp])[] = [
  [/(?:^|[\s/])(?:python[\d.]*|pytest|py\.test|tox|nox)(?= |$)/, /\.pyi?$/],
  [
    /(?:^|[\s/])(?:node|deno (?:test|run)|jest|vitest|mocha|bun (?:test|run))(?= |$)/,
    /\.(?:[cm]?[jt]sx?|vue|svelte)$/,
  ],
  [/(?:^|[\s/])go (?:test|run)(?= |$)/, /\.go$/],
  [/(?:^|[\s/])cargo (?:test|run|nextest)(?= |$)/, /\.rs$/],
  [/(?:^|[\s/])(?:rspec|ruby)(?= |$)/, /\.rb$/],
  [/(?:^|[\s/])(?:mvnw?|gradlew?)(?= |$)/, /\.(?:java|kts?|scala|groovy)$/],
  [/(?:^|[\s/])dotnet (?:test|run)(?= |$)/, /\.(?:cs|fs|vb)$/],
];

/**
 * Whether a run of this command may have run this file. A runner of one language runs no file of another; one that starts in a folder
 * (`cd web && npm test`) runs what lies in it. A file that is no code of a known language, and a command that says nothing of its language
 * (`npm test`, `make test`), are given the benefit of the doubt.
 */
export function covers(command: string, path: string): boolean {
  const language = LANGUAGES.find(([, files]) => files.test(path));
  if (!language) return true;
  const folder = folderOf(command);
  if (folder !== undefined && !path.startsWith(`${folder}/`)) return false;
  const started = LANGUAGES.filter(([programs]) => programs.test(command));
  return started.length === 0 || started.includes(language);
}

/** The folder that a command goes into first, as it is written; `undefined` where it goes into none, or that is not clear. */
export function folderEntered(command: string): string | undefined {
  return /^\s*cd (?:"([^"$`]+)"|'([^']+)'|([^\s;&|"'$`~-][^\s;&|"'$`]*)) *(?:&&|;)/.exec(command)?.slice(1)
    .find((part) => part !== undefined);
}

/** The same below the workspace; one that is written from the root is left open. */
function folderOf(command: string): string | undefined {
  const folder = (folderEntered(command) ?? "").replace(/^(?:\.\/)+|\/+$/g, "");
  return folder === "" || folder === "." || folder.startsWith("/") ? undefined : folder;
}
