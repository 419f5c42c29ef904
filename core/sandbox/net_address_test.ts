import assert from "node:assert/strict";
import { addressBytes, isPublicAddress } from "./net_address.ts";

Deno.test("isPublicAddress() knows what the public internet routes", () => {
  const isPublic: Readonly<Record<string, boolean>> = {
    "1.1.1.1": true,
    "93.184.216.34": true,
    "172.15.255.255": true,
    "172.32.0.0": true,
    "100.63.255.255": true,
    "100.128.0.0": true,
    "223.255.255.255": true,
    "2606:2800:220:1:248:1893:25c8:1946": true,
    "2a00:1450:4001:81b::200e": true,
    "0.0.0.0": false,
    "10.0.0.1": false,
    "100.64.0.1": false,
    "127.0.0.1": false,
    "127.255.255.254": false,
    "169.254.169.254": false,
    "172.16.0.1": false,
    "172.31.255.255": false,
    "192.168.1.1": false,
    "198.19.0.1": false,
    "224.0.0.1": false,
    "240.0.0.1": false,
    "255.255.255.255": false,
    "::": false,
    "::1": false,
    "::ffff:127.0.0.1": false,
    "::ffff:7f00:1": false,
    "::ffff:1.1.1.1": false,
    "::127.0.0.1": false,
    "64:ff9b::7f00:1": false,
    "2002:7f00:1::": false,
    "2001:0:1::1": false,
    "2001:db8::1": false,
    "fc00::1": false,
    "fd12:3456::1": false,
    "fe80::1": false,
    "fe80::1%eth0": false,
    "ff02::1": false,
    "localhost": false,
    "2130706433": false,
    "0x7f.1": false,
    "": false,
  };
  assert.deepEqual(
    Object.fromEntries(Object.keys(isPublic).map((address) => [address, isPublicAddress(address)])),
    isPublic,
  );
});

Deno.test("addressBytes() reads every way to write the same address", () => {
  const same = ["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:7f00:0001", "::FFFF:127.0.0.1"];
  const bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1];
  assert.deepEqual(same.map((text) => [...addressBytes(text) ?? []]), same.map(() => bytes));
});
