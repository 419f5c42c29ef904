/** "The rest of the code is unchanged": a line that stands for code which is not there. */

/** The words of a line that is a comment or begins with dots; nothing else can stand for code. */
const WORDS =
  /^[ \t]*(?:(?:\/\/|#|--|\/\*|<!--|;|%|\*|\{\/\*|"""|''')[ \t]*)?[([<]?[ \t]*(?:\.\.\.|\u2026)?[ \t]*[([]?([^\n]*)$/;
const MARK = /^[ \t]*(?:\/\/|#|--|\/\*|<!--|;|%|\*|\{\/\*|"""|'''|[([<]?[ \t]*(?:\.\.\.|\u2026))/;
const DOTS = /\.\.\.|\u2026/;
const BEGINS =
  /^(?:the |your |all |keep |and )*(?:rest|remainder|remaining|existing|other|previous|unchanged|same|original|omitted|everything|code|content|file|implementation|functions?|methods?|imports?)\b/i;
/** A comment of nothing but dots. */
const ONLY_DOTS = /^[ \t]*(?:\/\/|#|--|\/\*|<!--|\{\/\*)[ \t]*(?:\.\.\.|\u2026)[ \t]*(?:\*\/\}?|-->)?[ \t]*$/;
const NOTHING_NEW =
  /\b(?:unchanged|omitted|remains?|stays?|goes here|as before|(?:the )?same\b(?! as .* but)|rest of (?:the|your) (?:code|file|content|function|method|class|implementation|component|script|program|document)|as is|not changed)\b/i;
const CODE =
  /\b(?:code|query|functions?|methods?|lines?|content|imports?|implementation|file|logic|tests?|members?|class(?:es)?|component|rules|styles|routes|fields|props)\b/i;

/** Whether a line of new text stands for code left out. */
export function isElision(line: string): boolean {
  if (line.length > 200 || !MARK.test(line)) return false;
  if (ONLY_DOTS.test(line)) return true;
  const words = WORDS.exec(line)?.[1] ?? "";
  if (!BEGINS.test(words)) return false;
  if (DOTS.test(line)) return NOTHING_NEW.test(words) || CODE.test(words);
  return NOTHING_NEW.test(words) &&
    (CODE.test(words) || /^(?:rest|remaining|everything)\b|^(?:unchanged|omitted)\W*$/i.test(words));
}
