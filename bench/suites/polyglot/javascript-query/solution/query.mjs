// Turns a query string into an object.
export function parseQuery(text) {
  const result = {};
  const decode = (piece) => decodeURIComponent(piece.replaceAll("+", " "));
  for (const part of text.replace(/^\?/, "").split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const key = decode(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? "" : decode(part.slice(at + 1));
    if (!Object.hasOwn(result, key)) result[key] = value;
    else result[key] = [].concat(result[key], value);
  }
  return result;
}
