// Turns a query string into an object.
export function parseQuery(text) {
  const result = {};
  for (const part of text.split("&")) {
    const [key, value] = part.split("=");
    result[key] = value;
  }
  return result;
}
