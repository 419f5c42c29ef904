/** A user message -> its prose: lower case, without accents, with one capital word in place of each thing that is not language. */

import { mendTypos } from "./typos.ts";

/** Characters of a message that decide: a request stands at its beginning, or at its end after what was pasted. */
const HEAD_CHARS = 800;
const TAIL_CHARS = 400;

/** Private-use characters survive the folding; at the end each becomes its word. */
const MARKS = {
  FILE: "\uE001",
  NAME: "\uE002",
  URL: "\uE003",
  CODE: "\uE004",
  TRACE: "\uE005",
  QUOTE: "\uE006",
  COMMAND: "\uE007",
  TOOL: "\uE008",
} as const;
type Mark = keyof typeof MARKS;

const FENCE = /```[\s\S]*?(?:```|$)/g;
const TRACE_LINE =
  /^\s*(?:at \S.*:\d+|File ".*", line \d+|Traceback \(|Caused by:|[\w.]*(?:Error|Exception|Warning)(?: \[\w+\])?:|(?:fatal )?error(?:\[\w+\]|\s+TS\d+)?:|\S+:\d+(?::\d+)?:|thread '.*' panicked|FAIL(?:ED)?\b|E {2,}\S|npm (?:ERR!|error)|goroutine \d|panic:|\+{3} |-{3} |@@ |\[?(?:ERROR|WARN|INFO|DEBUG)\]?[ :]|\d{4}-\d\d-\d\d[T ]\d\d:|Segmentation fault|AssertionError|expected .* (?:got|received|to (?:be|equal)) )/;
/** An error quoted within a line, up to the next mark of punctuation. */
const ERROR_TEXT = /\b[A-Z]\w*(?:Error|Exception)\b: [^\n.,;?!]{1,160}/g;
const CODE_LINE =
  /[;{}]\s*$|^\s*(?:def|class|fn|func|function|const|let|var)\s+\w+.*[({:=]|^\s*(?:import|from)\s+.*(?:\bfrom\b|\bimport\b|;)|=>|^\s*<\/?\w+[ >]|^\s*(?:SELECT|INSERT|UPDATE|DELETE)\s.*\b(?:FROM|INTO|SET)\b/;
const COMMAND =
  /^\$? ?(?:(?:npm|npx|yarn|pnpm|bun|deno|git|cargo|pip3?|pytest|docker(?:-compose)?|kubectl|mvn|gradle|\.\/\w+|dotnet|composer|terraform|curl|tsc|eslint|jest|vitest|uv|poetry|gh)(?: +[-\w./:=@*"']+){0,8}|(?:node|python3?|ruby|php|bash|sh) +[-\w]*[./-][-\w./]*(?: +[-\w./:=@*"']+){0,8}|go +(?:run|test|build|get|mod|vet|install|generate)\b(?: +[-\w./:=@*"']+){0,8}|make(?: +(?:test|tests|build|all|clean|install|lint|run|check|dev|start|format))?)\s*$/;
const INLINE = /`([^`\n]{1,200})`/g;
const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s)>\]"']+/gi;
const EXTENSION =
  "[cm]?[jt]sx?|py|rs|go|java|kt|swift|rb|php|cs|cpp|cc|hpp|[ch]|vue|svelte|s?css|less|html?|md|mdx|json[5cl]?|ya?ml|toml|ini|cfg|conf|env|lock|sql|sh|ps1|bat|xml|csv|txt|log|proto|gradle|tf|ex|exs|lua|dart|scala|ipynb|svg|png|lua|zig|hs|r|patch|diff";
const FILE_NAME = new RegExp(
  `(?:^|(?<=[\\s("'\`,:@]))(?:[\\w@.~\\\\/-]*[\\w\\]-]\\.(?:${EXTENSION})(?::\\d+(?:[-:]\\d+)?)?(?![\\w])|(?:\\.{0,2}|~)/[\\w./-]*\\w[\\w./-]*|(?:src|lib|app|apps|tests?|docs?|core|cli|pkg|cmd|internal|packages|scripts|components|public|config|server|client|api)/[\\w./-]*|[\\w.-]+/[\\w.-]+/[\\w./-]*|(?:Dockerfile|Makefile|README|CHANGELOG|LICENSE|\\.gitignore|\\.env|\\.eslintrc|\\.dockerignore)(?:\\.\\w+)?(?!\\w))`,
  "g",
);
/** Words with capitals inside that are products, not symbols of the project. */
const PRODUCTS =
  /\b(?:JavaScript|TypeScript|CoffeeScript|GitHub|GitLab|PostgreSQL|MySQL|SQLite|NoSQL|GraphQL|MongoDB|DynamoDB|OAuth\d?|JWTs?|iOS|macOS|WebSockets?|WebAssembly|DevOps|NextJS|NodeJS|ReactJS|VueJS|FastAPI|PyTorch|TensorFlow|LaTeX|YouTube|LinkedIn|StackOverflow|SmallCode|OpenAI|ChatGPT|LLMs?|APIs|URLs|IDs|PRs|CIs|HashMap|IntelliJ|PowerShell|VSCode|RabbitMQ|JetBrains|CloudFlare|DeepSeek|OpenAPI|DockerHub|RxJS|NumPy|SciPy|SQLAlchemy)\b/g;
const SYMBOL =
  /(?<![\w.])(?:\w+(?:\.\w+|::\w+)*\(\)|[A-Za-z]\w*(?:_\w+)+|[a-z]+(?:[A-Z][a-z0-9]*)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|\w+::\w+|[A-Za-z_]\w+\.[a-zA-Z_]\w{2,}(?:\.\w+)*(?=[\s,?]|$))/g;
const QUOTED =
  /(^|[\s(:=,])(?:"[^"\n]{1,200}"|“[^”\n]{1,200}”|„[^“”\n]{1,200}[“”]|«[^»\n]{1,200}»|'[^'\n]{1,200}'(?=[\s).,;:?!]|$))/g;

/** "Use word_count on notes.txt" asks that a tool is called, where there is a tool of that name. */
const TOOL_USE =
  /\b(?:use|using|call|invoke|apply|benutze|verwende|nutze|utilise[rz]?|usa|usar|use[mn]?)( (?:the |your |its )?(?:tool |plugin )?)TOOL(?: tool| plugin)?(?= (?:on|for|over|against) | to (?:FILE|it|this|that|the|check|count|find|list|look|read|see|search|show|tell)\b| (?:auf|fur|sur|pour|sobre|para|em|en) |\s*(?:[.!?,;:\n]|$)| (?:and|then|und|et|y|e) )/g;

/**
 * The prose of a message, with `FILE`, `NAME`, `URL`, `CODE`, `TRACE`, `QUOTE` and `COMMAND` for the rest. Looks at 1,200 characters at most.
 * @param readers names of tools that change nothing: to use one is to look
 */
export function readProse(task: string, readers: readonly string[] = []): string {
  if (isForeignLook(task)) return "explain FILE";
  const seen = task.length <= HEAD_CHARS + TAIL_CHARS
    ? task
    : `${task.slice(0, HEAD_CHARS)}\n${task.slice(-TAIL_CHARS)}`;
  const isReader = new Set(readers.filter((one) => /^\w+_\w+$/.test(one)));
  const lines = seen.replace(FENCE, mark("CODE")).split("\n").map(readLine).join("\n");
  const marked = lines
    .replace(ADDRESS, (url) => mark("URL") + (/[?.!,]$/.exec(url)?.[0] ?? ""))
    .replace(ERROR_TEXT, mark("TRACE"))
    .replace(INLINE, (_, inside: string) => mark(isReader.has(inside) ? "TOOL" : kindOfInline(inside)))
    .replace(FILE_NAME, (path) => mark(/^(?:console|logger|math|log)\.\w+$/i.test(path) ? "NAME" : "FILE"))
    .replace(QUOTED, (_, before: string) => before + mark("QUOTE"))
    .replace(PRODUCTS, (name) => name.toLowerCase())
    .replace(SYMBOL, (symbol) => mark(isReader.has(symbol) ? "TOOL" : "NAME"));
  return name(mendTypos(fold(marked))).replace(TOOL_USE, "inspect$1NAME").replaceAll("TOOL", "NAME");
}

/** Asks to be told something, in languages that the word lists do not have. Only what asks for nothing else by any sign of it. */
const TELL =
  /解释|解釋|讲解|講解|告诉我|告訴我|总结一下|總結一下|说明一下|說明一下|介绍一下|介紹一下|説明して|教えて|要約して|설명해|알려\s?줘|요약해|(?:^|[\s,.!])(?:объясни|поясни|расскажи)(?:те)?(?![а-яё])/iu;
/** What may be a change, a fault, or a word that only holds one of those above. */
const OTHER_WISH =
  /[修改加增删刪除建写寫换換变變设設调調补補迁遷移转轉拆并併做弄实實优優错錯误誤崩坏壞慢缺漏直作消置]|解释器|解釋器|生成|更新|重构|重構|替|提取|失败|失敗|不对|不對|不能|无法|無法|不行|打不|変更|追加|書|削|名前|エラー|バグ|リファク|고쳐|고치|수정|추가|만들|만드|삭제|지워|변경|바꿔|바꾸|구현|작성|리팩|업데이트|오류|에러|버그|исправ|почин|измен|добав|созда|удал|убер|переимен|рефактор|реализ|напиш|запиш|обнов|замен|перепиш|сдела|поменя|настро|улучш|оптимиз|перенес|внес|поправ|допиш|встав|постав|ошибк|сломал|не работ|падает|баг|\b[a-z]{2,}\b(?![./]|\.\w)/iu;

/** Up to 200 characters: a longer message says more than that. */
function isForeignLook(task: string): boolean {
  if (task.length > 200 || !TELL.test(task)) return false;
  return !OTHER_WISH.test(task.replace(/[\w./-]+\.\w{1,5}|\b\w+_\w+\b|\w+\(\)/g, " "));
}

function readLine(line: string): string {
  if (TRACE_LINE.test(line)) return mark("TRACE");
  if (COMMAND.test(line.trim())) return mark("COMMAND");
  return CODE_LINE.test(line) ? mark("CODE") : line;
}

function kindOfInline(inside: string): Mark {
  if (COMMAND.test(inside)) return "COMMAND";
  if (inside.search(FILE_NAME) >= 0) return "FILE";
  return /\s/.test(inside.trim()) ? "QUOTE" : "NAME";
}

function mark(kind: Mark): string {
  return ` ${MARKS[kind]} `;
}

/** Only letters, digits, marks and `. ! ? ; , :` and line ends are left. */
function fold(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|\s)é(?=\s)/g, "$1eh") // The verb, not the Portuguese "and".
    .replace(/(\d)[.,](?=\d)/g, "$1 ")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .replace(/[’‘`´]/g, "'")
    .replace(/\b(l|d|qu|n|j|c|s|m|t|jusqu|lorsqu)'/g, "$1 ")
    .replace(/'/g, "")
    .replace(/[？]/g, "?")
    .replace(/[。]/g, ".")
    .replace(/[^\p{L}\p{N}\uE001-\uE008.!?;,:\n]+/gu, " ");
}

function name(folded: string): string {
  return Object.entries(MARKS).reduce((text, [word, char]) => text.replaceAll(char, word), folded)
    .replace(/ +/g, " ")
    .trim();
}
