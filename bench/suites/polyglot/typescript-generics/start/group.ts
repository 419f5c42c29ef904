export function groupBy(items: any[], key: any): any {
  const groups: any = {};
  for (const item of items) {
    (groups[key(item)] ??= []).push(item);
  }
  return groups;
}
