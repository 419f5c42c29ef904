export function groupBy<T>(items: readonly T[], key: (item: T) => any): Map<any, T[]> {
  const groups = new Map<any, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}
