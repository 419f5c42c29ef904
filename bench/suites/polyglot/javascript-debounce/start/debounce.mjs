export function debounce(fn, ms) {
  return fn;
}
