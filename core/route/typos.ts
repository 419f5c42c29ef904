/** Slips of the keyboard in the words that decide: two letters swapped, one missing, one doubled. */

const WORDS =
  "explain describe summarize search where which locate rename refactor remove delete create update change write replace implement improve convert translate generate extract migrate install execute start compile please should function review check commit deploy because"
    .split(" ");

/** Mends the words of a folded text that are one slip away from a deciding word; all others stay. */
export function mendTypos(text: string): string {
  return text.replace(/\b[a-z]{4,12}\b/g, (word) => WORDS.includes(word) ? word : mend(word));
}

function mend(word: string): string {
  return WORDS.find((right) => right.length > 4 && right[0] === word[0] && isSlip(word, right)) ?? word;
}

/** A letter added at the end is an inflection, not a slip. */
function isSlip(word: string, right: string): boolean {
  if (Math.abs(word.length - right.length) > 1) return false;
  let i = 0;
  while (i < right.length && word[i] === right[i]) i++;
  if (word.length < right.length) return word.slice(i) === right.slice(i + 1);
  if (word.length > right.length) {
    return i < right.length && word[i] === word[i - 1] && word.slice(i + 1) === right.slice(i);
  }
  return word[i] === right[i + 1] && word[i + 1] === right[i] && word.slice(i + 2) === right.slice(i + 2);
}
