import { groupBy } from "./group.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const words = groupBy(["bee", "ant", "bear"], (word) => word.length);
const typed: Equal<typeof words, Map<number, string[]>> = true;
const shown = JSON.stringify([...words]);
if (!typed || shown !== '[[3,["bee","ant"]],[4,["bear"]]]') throw new Error(shown);
const flags = groupBy([1, 2, 3] as const, (n) => n > 1);
if (JSON.stringify([...flags]) !== "[[false,[1]],[true,[2,3]]]") throw new Error("boolean keys");
if (/\bany\b/.test(Deno.readTextFileSync("group.ts").replaceAll(/\/\/.*/g, ""))) throw new Error("any is left");
