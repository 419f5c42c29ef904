export function page(items, number, size) {
  const from = number * size;
  return {
    items: items.slice(from, from + size),
    pages: Math.floor(items.length / size),
  };
}
