/** Secrets in texts that are kept or shared: the user's own keys, and what looks like a key. */

/** Shorter ones would be found inside ordinary words. */
const MIN_SECRET_CHARS = 8;

/**
 * Keys as their issuers publish the form for secret scanners: OpenAI, Anthropic and OpenRouter; GitHub; AWS; Slack; Google; PEM. No model
 * is kept from anything by this: it is for traces and exports.
 */
const SECRET_FORMS = new RegExp(
  [
    String.raw`\bsk-[A-Za-z0-9_-]{16,200}`,
    String.raw`\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,255}`,
    String.raw`\bAKIA[0-9A-Z]{16}\b`,
    String.raw`\bxox[abeprs]-[A-Za-z0-9-]{10,200}`,
    String.raw`\bAIza[A-Za-z0-9_-]{35}`,
    String.raw`-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{1,8192}`,
  ].join("|"),
  "g",
);

/**
 * Gives the function that replaces secrets by `****`.
 * @param secrets the configured keys; those under 8 characters are not looked for
 */
export function maskSecrets(secrets: readonly string[]): (text: string) => string {
  const known = longestFirst(secrets);
  return (text) =>
    known.reduce((left, secret) => left.replaceAll(secret, "****"), text).replace(SECRET_FORMS, "****");
}

/** Gives the function that lists the secrets in a text, without doubles. @param secrets as in `maskSecrets` */
export function findSecrets(secrets: readonly string[]): (text: string) => readonly string[] {
  const known = longestFirst(secrets);
  return (text) => {
    const configured = known.filter((secret) => text.includes(secret));
    return [...new Set([...configured, ...text.match(SECRET_FORMS) ?? []])];
  };
}

/** A key may begin with another. */
function longestFirst(secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => secret.length >= MIN_SECRET_CHARS).sort((a, b) => b.length - a.length);
}
