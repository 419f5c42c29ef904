export function page(items, number, size) {
  const from = (number - 1) * size;
  return {
    items: items.slice(from, from + size),
    pages: Math.ceil(items.length / size),
  };
}
