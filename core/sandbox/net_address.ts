/** What an internet address is, in bytes, and whether the public internet routes it. */

import { isIP } from "node:net";

/**
 * Ranges that no stranger's plugin may reach through a public name (IANA special-purpose registries, RFC 6890, 2025 state): this machine,
 * local networks, carrier NAT, cloud metadata (link-local), test and multicast ranges, and IPv6 forms that carry an IPv4 address.
 */
const PRIVATE_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];
/** Of IPv6 only 2000::/3 is routed; these parts of it are not plain public hosts. */
const PRIVATE_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** Whether a literal address (no brackets, no zone) is a plain public one. A text that is no address is not. */
export function isPublicAddress(address: string): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined) return false;
  if (bytes.length === 4) return !PRIVATE_V4.some((range) => isIn(bytes, range));
  return (bytes[0]! & 0xe0) === 0x20 && !PRIVATE_V6.some((range) => isIn(bytes, range));
}

/** 4 or 16 bytes; an IPv4 address inside IPv6 (`::ffff:127.0.0.1`) is its 16 bytes. `undefined`: no address. */
export function addressBytes(address: string): Uint8Array | undefined {
  const kind = isIP(address);
  if (kind === 4) return Uint8Array.from(address.split(".").map(Number));
  if (kind !== 6 || address.includes("%")) return undefined;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted
    ? `${dotted[1]}${hex(Number(dotted[2]) * 256 + Number(dotted[3]))}:${
      hex(Number(dotted[4]) * 256 + Number(dotted[5]))
    }`
    : address;
  const [left = "", right] = text.split("::");
  const words = (part: string) => part === "" ? [] : part.split(":").map((word) => parseInt(word, 16));
  const [head, tail] = [words(left), words(right ?? "")];
  const all = right === undefined
    ? head
    : [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]));
}

function hex(word: number): string {
  return word.toString(16);
}

function isIn(bytes: Uint8Array, range: string): boolean {
  const [start = "", length = ""] = range.split("/");
  const first = addressBytes(start);
  if (first === undefined || first.length !== bytes.length) return false;
  for (let bit = 0; bit < Number(length); bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((bytes[bit >> 3]! & mask) !== (first[bit >> 3]! & mask)) return false;
  }
  return true;
}
