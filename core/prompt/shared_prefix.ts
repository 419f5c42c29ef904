/** How much of a request is the same as the head of the one before: what a server's cache can hold. */

import type { Head, Message } from "../types.ts";

/** A request's parts in the order in which a server reads them. */
export interface Layout {
  readonly head: Head;
  readonly messages: readonly Message[];
}

/** The leading messages that are the same; 0 when the head changed. Messages are compared by content. */
export function sharedMessages(before: Layout | undefined, after: Layout): number {
  if (!before || before.head.hash !== after.head.hash) return 0;
  const most = Math.min(before.messages.length, after.messages.length);
  let count = 0;
  while (count < most && isSame(before.messages[count], after.messages[count])) count++;
  return count;
}

function isSame(a: Message | undefined, b: Message | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
