/** Which of the eight kinds of work a message asks for: weighted cues, no model, no tokens. Pure. */

import type { Category } from "../types.ts";
import { wantsChange } from "./asks_for_change.ts";
import { type Clause, readClauses } from "./clauses.ts";
import { readProse } from "./prose.ts";
import { READ_ONLY } from "./select.ts";

export interface Classified {
  readonly category: Category;
  /** 0 to 1: what the best category has of the points of the best two. */
  readonly confidence: number;
}

type Cue = readonly [category: Category, weight: number, pattern: RegExp];

/** Looked for in each clause without its polite opening. */
const CLAUSE_CUES: readonly Cue[] = [
  // run
  [
    "run",
    4,
    /^(?:run|rerun|re run|execute|exec|launch|start|boot|restart|stop(?! \w+ing\b)|kill|serve|test|build(?! (?:an?|me|the new|out|new|some|us|it (?:with|using|in|as))\b)|compile|rebuild|install|deploy|lint|typecheck|type check|benchmark|profile|commit|push|pull|checkout|check out|stash|rebase|publish|ping|curl|tail|starte|starten|teste|testen|fuhre?|kompiliere|installiere|installieren|lance[rsz]?|execute[rsz]?|demarre[rz]?|installe[rz]?|compile[rsz]?|teste[rz]?|ejecuta|ejecutar|corre|correr|lanza|lanzar|arranca|inicia|iniciar|instala|instalar|compila|compilar|prueba|rode|rodar|roda|executar|inicie|suba|instale|fais tourner|running|starting|building|testing|installing|executing|launching|baue?)\b/,
  ],
  ["run", 4, /^COMMAND/],
  [
    "run",
    3,
    /\b(?:ausfuhren|laufen lassen|lass .{1,40} laufen|fuhr\w* .{1,60} aus|starten|installieren|kompilieren)\b/,
  ],
  [
    "run",
    3,
    /\b(?:do|does|did|are|is) (?:\w+ ){0,4}(?:tests?|suite|build|specs?|ci|pipeline)(?: \w+){0,2} (?:pass|passing|green|red|run|succeed|compile)\b|\bdoes (?:it|this|the \w+|the project|everything)(?: still)? (?:compile|build|run|typecheck|pass)\b/,
  ],
  [
    "run",
    3,
    /\b(?:laufen|bestehen) (?:\w+ ){0,3}tests\b|\b(?:tests?|testes|pruebas) (?:\w+ )?(?:passent|pasan|passam|passando|pasando|verts?|verdes?|grun)\b|\b(?:passent|pasan|passam) (?:\w+ ){0,3}(?:tests|testes|pruebas)\b/,
  ],
  [
    "run",
    2,
    /\b(?:test suite|unit tests?|the tests|all tests|npm|yarn|pnpm|cargo|pytest|docker|make target|git (?:log|status|diff|blame|branch|history)|dev server|linter|type checker|coverage|die tests|les tests|los tests|las pruebas|os testes|COMMAND)\b/,
  ],
  [
    "run",
    3,
    /\b(?:which|what) (?:version of \w+|\w+ version) (?:is|do|are|am)|\bgit (?:log|status|diff|blame)\b|\b(?:port|process(?:es)?) (?:\w+ ){0,3}(?:in use|running|listening)|\bhow (?:long|fast|slow) do(?:es)? .{1,40}(?:take|run)|\b(?:current|last|latest|recent) (?:\d+ )?commits?\b|\b(?:what|which) branch\b|\bdisk (?:space|usage)\b|\buncommitted\b/,
  ],
  [
    "run",
    5,
    /^(?:check|verify|see|confirm|find out|tell me|prufe?n?|schau|verifica|verifie[rz]?|comprueba|verifique|confira)\b.*\b(?:if|whether|that|ob|dass|si|se|que)\b.*\b(?:tests?|specs?|suite|builds?|compiles?|pass(?:es)?|typechecks?|kompiliert|baut|laufen|bestehen|passent|pasan|passam|compila)\b/,
  ],
  [
    "run",
    4,
    /\b(?:output|result|exit code) (?:of|from) (?:running|executing|python|node|npm|make|COMMAND|the (?:tests?|build|command|script))|\b(?:python3?|node|bash|deno run|npm|pnpm|yarn|npx|cargo|pip) (?:FILE|run|test|install|start|ci|build|lint)\b/,
  ],
  [
    "run",
    5,
    /^(?:make|create|do) (?:a |the |an )?(?:new )?(?:(?:git )?commit|git (?:branch|tag|stash))\b|^try (?:it|that)\b/,
  ],
  // search
  [
    "search",
    4,
    /^(?:find|search|locate|grep|look for|count|suche?n?|finde?n?|zahle|cherche[rsz]?|trouve[rsz]?|compte[rz]?|busca|buscar|encuentra|encontrar|localiza|cuenta|procure|procurar|procura|encontre|ache|achar|busque|conte)\b/,
  ],
  ["search", 3, /\b(?:suchen|finden|auflisten)$/],
  [
    "search",
    3.5,
    /^(?:where|wheres|wo|ou|donde|onde|in which|in what|dans quel\w*|en que|em que|em qual|in welche[rnm]?|cade)\b/,
  ],
  [
    "search",
    3.5,
    /^(?:which|what|welche|quels?|que|quais|cuales) (?:\w+ )?(?:files?|dateien|fichiers?|archivos?|ficheros?|arquivos?|places|tests|packages?|folders?|director(?:y|ies)|lines|endpoints?)\b.{0,30}\b(?:use[sd]?|using|contains?|has|have|mentions?|references?|match|handles?|reads?|sets?|imports?|still|enthalten|verwenden|benutzen|contiennent|utilisent|contienen|usan|contem|usam|in|deal|covers?|test)\b/,
  ],
  [
    "search",
    3,
    /\b(?:occurrences?|todos?|fixmes?|mentions|vorkommen|occurrences|apariciones|ocorrencias|grep|hard ?coded|everywhere|anywhere|uses of|places where|(?:every|all) (?:place|places|file|spot)\b|all (?:the )?(?:files|places|tests|endpoints|routes|strings))\b/,
  ],
  [
    "search",
    3,
    /^(?:list|liste[rz]?|listar?|show me|give me a list|enumerate|zeig\w* mir)(?: me)? (?:all|every|alle|tou\w+|todos|todas|the)(?: \w+)? (?:files?|dateien|fichiers?|archivos|arquivos|folders?|director\w+|tests?|todos?|\w+ files|routes|endpoints|env\w*|scripts)\b/,
  ],
  [
    "search",
    3,
    /\b(?:is|are) there (?:any(?:thing|where)?|an?|already) |^(?:do|does) (?:we|this|the \w+) (?:already )?(?:have|use|contain)|\b(?:gibt es|y a t il|hay algun\w*|existe algum\w*|existe)\b|^how many (?:files|tests|times|places|lines|todos|functions|classes|components|endpoints)\b|^any (?:usages?|uses?|references?|occurrences?|calls?)\b/,
  ],
  // code-intelligence
  [
    "code-intelligence",
    5,
    /\b(?:who|what|which \w+|whats?|wer|qui|quien|quem|was|welche \w+|quelles? \w+|que \w+|quais \w+) (?:all )?(?:calls?|calling|invokes?|ruft|rufen|appelle(?:nt)?|llaman?|chamam?|implements?|implementier\w+|implementent|implementan|extends?|inherits?|overrides?|herit\w+|heredan?|herdam?|depends? on|subclass\w*|erbt|erben)\b/,
  ],
  [
    "code-intelligence",
    5,
    /\b(?:callers?|callees?|call (?:graph|hierarchy|tree|chain|sites?|stack of)|go to definition|find (?:all )?references|find (?:all )?usages|type hierarchy|class hierarchy|inheritance|subclass(?:es)?|superclass|implementations? of|implementers?|dependency (?:graph|tree)|import graph|find (?:all )?callers|circular|cyclic|dead code|unused (?:functions?|exports?|imports?|variables?|methods?|code|classes)|public api|symbols?|signatures?|unterklassen|aufrufer|aufrufe|aufgerufen|appelants?|sous classes|subclases|subclasses|llamadas a|chamadas?|signatur|firma de|assinatura|zyklische|abhangt|abhangen|dependencias circulares|heredan|herdam|impact of changing)\b/,
  ],
  [
    "code-intelligence",
    4,
    /\b(?:references?|usages?|used|uses|called|calls|defined|definition|declared|declaration|implemented|imported|imports?|exported|instantiated|overridden|return type|verwendet|benutzt|definiert|deklariert|definie?s?|definition|utilisee?s?|appelee?s?|importee?s?|definid[oa]s?|declarad[oa]s?|usad[oa]s?|llamad[oa]|utilizad[oa]s?|importad[oa]s?|chamad[oa]s?|referenzen|referencias|referencies|references|definicion|definicao|usos)\b.*\bNAME\b|\bNAME\b.*\b(?:references?|usages?|used|called|defined|definition|declared|implemented|imported|exported|instantiated|overridden|return(?: type)?|inherit\w*|verwendet|benutzt|definiert|aufgerufen|definie?s?|utilisee?s?|appelee?s?|definid[oa]s?|declarad[oa]s?|usad[oa]s?|llamad[oa]|chamad[oa]s?|importad[oa]s?)\b/,
  ],
  [
    "code-intelligence",
    4,
    /\b(?:break|breaks|affected|impacted|happens|kaputt|casse|rompe|quebra|quebraria|romperia) if (?:i|we)\b|\bif (?:i|we) (?:change|rename|remove|delete) (?:the )?(?:\w+ )?(?:NAME|signature)|\b(?:was (?:geht|bricht) kaputt|qu est ce qui casse|que se rompe|o que quebra)\b/,
  ],
  [
    "code-intelligence",
    3,
    /\b(?:outline|exports?|methods?|functions?|classes|interfaces?|members|imports?|depends? on|dependents?) (?:of|in|does|are in|from|on|do|are defined in) (?:the )?(?:\w+ )?(?:FILE|NAME|class|module)\b|\b(?:which|what|list|show)(?: me)?(?: all| the)* (?:functions|methods|classes|exports|symbols|types|interfaces)\b/,
  ],
  [
    "code-intelligence",
    3,
    /^(?:where|wheres|wo|ou|donde|onde) .*\b(?:defined|declared|implemented|definiert|implementiert|definie?|definid[oa]|declarad[oa]|implementad[oa]|called|instantiated|aufgerufen)\b/,
  ],
  [
    "code-intelligence",
    4,
    /\b(?:parameters?|arguments?|params|parameter|parametres?|parametros?) (?:of|for|does|von|de|da|do) .*NAME\b/,
  ],
  [
    "code-intelligence",
    5,
    /\bFILE (?:exports?|imports?)\b|\b(?:methods?|functions?|properties|fields|classes|methoden|methodes|metodos|funktionen|fonctions|funciones|funcoes)\b.*\b(?:NAME|defined|definiert|exported)\b|\b(?:exportiert|exporte|exporta|importiert|importe|importa) .*FILE\b|\b(?:outline|exports|symbols|structure|umriss|plan) (?:of|in|from|de|von) (?:FILE|NAME)\b|\b(?:se usa|se llama|se define|esta definid[oa]|wird) .*NAME\b|\b(?:who|what|wer|qui|quien|quem) (?:all )?(?:uses|benutzt|verwendet|utilise|usa) .*NAME\b|\bnever (?:called|used)\b|\bnot used anywhere\b/,
  ],
  [
    "code-intelligence",
    5,
    /\b(?:methods?|functions|classes|properties|methoden|methodes|metodos|fonctions|funktionen|funcoes|funciones|klassen|clases) (?:and \w+ )?(?:of|in|does|hat|haben|de|da|do|del|from|von|der|are|la|a)\b.*\b(?:FILE|NAME|class|klasse|classe|clase)\b|\bimports? (?:the )?(?:FILE|NAME)\b|\bwhat else (?:has|needs|would|must)\b/,
  ],
  // web
  [
    "web",
    4,
    /^(?:google|fetch|download|browse|visit|research|scrape|look up|recherchiere|consulte[rz]? (?:URL|la doc)|averigua|pesquise|pesquisar|pesquisa)\b/,
  ],
  [
    "web",
    5,
    /\b(?:(?:on|in|from|search|browse|across) (?:the )?(?:web|internet|net)|online|web search|websearch|im (?:internet|netz|web)|online nach|sur (?:internet|le web|le net)|en (?:internet|linea|la web)|na (?:internet|web|net)|stack ?overflow|duckduckgo|wikipedia|reddit|hacker news|on google|google for|latest news)\b/,
  ],
  ["web", 4, /\bURL\b/],
  [
    "web",
    3.5,
    /\b(?:latest|newest|current|most recent|neueste\w*|aktuell\w*|derniere|ultima|actual|mais recente)(?: \w+)? (?:stable )?(?:version|release|lts|versao|docs|documentation|news|version\w*)\b|\b(?:docs|documentation|api reference) (?:of|for|on|from|about|page)\b|\boffizielle\w* (?:doku\w*|seite)|\bdocu?mentat?ion officielle|\bdocumentacion oficial|\bdocumentacao oficial|\b(?:release notes|changelog) (?:of|for)\b|\bcves?\b|\bsecurity advisor|\b(?:npm|pypi|crates io|maven) (?:registry|package page)|\bweb ?(?:page|site)s?\b/,
  ],
  [
    "web",
    3,
    /\b(?:breaking changes in|whats? (?:s )?new in|released|release date|migration guide|price|pricing|weather)\b/,
  ],
  [
    "web",
    4,
    /\b(?:still (?:actively )?maintained|(?:check|on|from|in) (?:npm|pypi|npmjs|mdn|crates|github)|(?:versao|version|release) (?:la )?(?:mais|plus|mas) recente?(?:e|iente)?|version (?:mas reciente|la plus recente)|versao mais recente|mas reciente|la plus recente|docs? (?:of|for|on|from) \w+|\w+ docs\b|nachschlagen|google mal|googel|(?:mdn|rfc \d+|docs?|documentation|doku|wikipedia) (?:says?|sagt)\b|the mdn|guck online)\b/,
  ],
  // plan
  [
    "plan",
    5,
    /^(?:plan|outline|propose|brainstorm|estimate|break (?:it|this|that|the)|map out|sketch|think (?:through|about how)|come up with|plane|planen|entwirf|uberlege|planifie[rz]?|planifica|planificar|planea|planeje|planejar|planeja|propon|proponha|design)\b/,
  ],
  [
    "plan",
    4.5,
    /\b(?:a|an|the|einen?|den|un|une|um|uma|el|o|le|la|your|step by step|implementation|migration|rollout|refactoring|action|project|detailed|short|rough|high level)(?: \w+){0,2} (?:plan|roadmap|strategy|proposal|breakdown|approach|konzept|fahrplan|strategie|estrategia|feuille de route|hoja de ruta|roteiro|plano|migrationsplan|aktionsplan|vorgehen\w*|design doc|rfc)\b/,
  ],
  [
    "plan",
    4,
    /\bhow (?:should|would|could|do) (?:we|you|i|one) (?:best )?(?:approach|structure|design|go about|organi[sz]e|split|migrate|architect|tackle|break|plan|roll out|phase|implement|move|introduce|refactor|restructure|scale|model)\b|\b(?:what|which)(?: would| are| s)?(?: be)?(?: the)? (?:\w+ )?(?:steps|milestones|phases)\b|\bbest (?:way|approach|order|strategy) to (?:structure|approach|migrate|split|organi[sz]e|design|introduce|tackle|refactor|move)|\bwhere (?:should|would) (?:we|i|you) (?:start|begin)\b|\btrade ?offs?\b|\bmilestones?\b|\bin (?:which|what) order\b|\bbefore (?:we|you|i) (?:start|code|write|touch|implement|change|begin)\b|\bwhat would it take\b|\bhow (?:much|big) (?:work|effort)\b/,
  ],
  [
    "plan",
    4,
    /\bwie (?:sollten?|wurdest|wurden|konnten|gehen) (?:wir|du|ich|sie)\b|\bcomment (?:devrions|structurer|organiser|aborder|migrer|faudrait)|\bcomment (?:tu )?(?:aborderais|ferais|structurerais)|\bcomo (?:deberiamos|abordarias|estructurar|organizar|migrar|devemos|deveriamos|estruturar|voce (?:faria|abordaria|estruturaria))|\b(?:welche schritte|quelles etapes|que pasos|cuales serian los pasos|quais (?:seriam os )?passos|quais etapas)\b/,
  ],
  [
    "plan",
    4,
    /\b(?:steps|order|phases) (?:to|for|should|needed|necessary|required|would)\b|\b(?:which|what) order\b|\b(?:good|best|right|clean|sensible|better|possible) (?:\w+ )?(?:architecture|approach|design|structure|strategy|plan|way to)\b|\bgo about\b|\b(?:the|an?|your) (?:approach|strategy|roadmap|plan)\b|\bwhat would you do first|(?:todo|task|check) ?list (?:for|to|of)|(?:les|los|die|os|las|as) (?:etapes|pasos|schritte|passos|etapas) (?:pour|para|fur)|skizziere|noch nichts|comment (?:\w+ )?(?:devrait on|faudrait il|devrions nous|devrais je)|\bwie wurdest du\b|\b(?:monte|elabore|elabora|prepare|prepara|erarbeite|redige) (?:moi )?(?:um|un|einen) plano?\b|\bangehen\b/,
  ],
  // read
  ["read", 2, /^(?:list|liste[rz]?|lista|enumerate)\b/],
  [
    "read",
    3,
    /^(?:show|read|reread|open|cat|view|print|display|explain|describe|summari[sz]e|sum up|tldr|tl dr|tell|walk|talk|give|review|inspect|analy[sz]e|audit|examine|look|check|compare|diff|understand|clarify|know|see|investigate|diagnose|verify|confirm|figure out|erklare?n?|zeige?n?|lies|lesen?|offnen?|beschreibe?n?|fasse?|gib|schau|prufe?n?|uberprufe|analysiere|vergleiche|sag|explique[rsz]?|montre[rsz]?|affiche[rsz]?|lis|lire|ouvre|decris|resume[rsz]?|regarde[rz]?|verifie[rz]?|analyse[rz]?|donne moi|dis|explica\w*|explicar\w*|muestra\w*|mostrar\w*|lee|leer|abre|describe|dime|revisa|mira|analiza|comprueba|mostre|mostra|leia|abra|descreva|resuma|me (?:diga|diz|mostre|mostra|explique|explica)|veja|analise|confira|verifique|compare)\b/,
  ],
  ["read", 2.5, /\b(?:erklaren|zeigen|beschreiben|zusammenfassen|anschauen|ansehen|lesen)$/],
  [
    "read",
    3,
    /\b(?:what|whats|was|que|qu est ce que|o que) (?:s |is |does |do |exactly does |macht |machen |passiert |fait |hace |hacen |faz |fazem |steht |contient |contiene |tem )?(?:\w+ ){0,3}(?:FILE|NAME|this|CODE|diese\w*|cette|ce|esta|este|esse|essa)\b/,
  ],
  [
    "read",
    3,
    /\b(?:how|wie|comment|como) (?:does|do|is|are|did|exactly|funktioniert|funktionieren|wird|werden|fonctionne\w*|est|sont|funciona\w*|se|eh) /,
  ],
  ["read", 2.5, /^(?:why|whys|warum|wieso|weshalb|pourquoi|por que|porque)\b/],
  [
    "read",
    2.5,
    /\b(?:contents?|overview|summary|inhalt|uberblick|zusammenfassung|contenu|apercu|contenido|resumen|visao geral|conteudo|resumo|first \d+ lines|last \d+ lines|line \d+|lines \d+|walk me through|what s in|whats in|codebase|entry ?point|architecture of|this (?:project|repo|repository|code|function|class|module|file|app))\b/,
  ],
  ["read", 2, /\bFILE\b/],
];

/** What makes a question one about this project, rather than one about the world. */
const PROJECT =
  /\b(?:FILE|NAME|TRACE|CODE|COMMAND|here|this|that|these|it|our|my|we|us|its|hier|diese[rsnm]?|unsere?[rsnm]?|mein\w*|wir|(?<!est )ce|cet|cette|ces|notre|nos|mon|ma|mes|ici|est[eao]s?|nuestr[oa]s?|mi|mis|aqui|ess[ea]s?|noss[oa]s?|meu|minha|repo|repository|codebase|projekt|projet|proyecto|projeto)\b|\b(?:the|der|die|das|dem|den|le|la|les|el|los|las|os|do|da|dos|das|no|na) (?:\w+ )?(?:project|repo|code|codebase|function|method|class|module|file|script|app|application|test|tests|suite|endpoint|route|router|api|server|client|parser|lexer|handler|component|service|controller|model|database|db|config|configuration|settings|build|pipeline|log|logs|cache|middleware|login|auth|authentication|checkout|cart|user|users|button|page|form|schema|table|query|queries|frontend|backend|job|worker|queue|loop|variable|constant|hook|store|state|cli|flow|logic|system|library|package|dependency|dependencies|branch|commit|funktion|klasse|modul|datei|methode|fonction|classe|fichier|funcion|clase|archivo|modulo|funcao|arquivo|servidor|serveur)\b|\b(?:o|a) (?:projeto|codigo|teste|login|funcao|classe|arquivo|modulo|servidor|banco|app|aplicacao)\b|\bthe (?!difference|capital|best|time|complexity|point|meaning|concept|idea|main|purpose|advantages?|disadvantages?|benefits?|internet|web|weather|most|same|latest|right|term|word|world|other|big|event loop|garbage|virtual|gil|borrow|stack|heap|cap|halting|browser|use|role|output|solid|strategy|factory|observer|singleton|internals?|basics?|sky|terminal|command|linux|unix)\w+/;

/** Nothing but this project can be meant. */
const OURS =
  /\b(?:FILE|TRACE|CODE|COMMAND|this|our|my|here|these|we|diese[rsnm]?|cette|notre|est[ea]|ess[ea])\b/;

/** A language or a tool as such. */
const IN_GENERAL =
  /\b(?:in|from|em|en|bei|mit|with|of) (?:python|javascript|js|typescript|rust|go|golang|java|c|c sharp|ruby|php|kotlin|swift|sql|css|html|bash|react|vue|angular|git|docker|linux|general|programming|node|django|postgres)\b/;

const GENERAL =
  /^(?:(?:what|whats|what s) (?:is|are|s|does)? ?(?:an? |the (?:difference|purpose|point|meaning|best|advantage|main|time|capital|complexity|big)|\w+(?: \w+)?$)|when (?:should|would|do) (?:i|you|one|we) (?:use|prefer|choose)|which (?:is|one is) (?:better|faster|best)|is (?:it|there) (?:better|a difference|good|bad|safe|ok)|(?:explain|describe|define|teach me|tell me about|tell me|erklar\w*|explique\w*|explica\w*)(?: me| to me| mir| moi)? (?:what |how |the (?:concept|idea|difference|principle|term)|(?:an? )?\w+(?: \w+){0,4}$|briefly|in simple)|how (?:do|does|would|can) (?:you|one|i|a|an|\w+) |was (?:ist|sind|bedeutet) |worin|wann (?:sollte|benutzt|nimmt)|qu est ce qu|c est quoi|quelle est la difference|quelle difference|que (?:es|son|significa)|cual es la (?:diferencia|mejor)|o que (?:eh|e|sao|significa)|qual (?:eh |e )?a (?:diferenca|melhor)|como (?:se )?|pros and cons|difference between)/;

const SOCIAL =
  /\b(?:who are you|what are you|what can you do|your name|are you (?:a|an|there|chatgpt|gpt|sentient|able|local|running|online|real)|which model|what model|wer bist du|was kannst du|qui es tu|que peux tu faire|quien eres|que puedes hacer|quem e voce|o que voce (?:pode|consegue)|joke|witz|blague|chiste|piada|difference between|pros and cons|unterschied zwischen|difference entre|diferencia entre|diferenca entre|best practices?|in general|in theory|do you (?:know|like|think|speak|prefer|remember|support|have)|have you|your (?:opinion|favorite|thoughts)|eli5|sprichst du|parles tu|hablas|voce fala|how are you|wie gehts|ca va|como estas|tudo bem|thoughts on|would you recommend)\b/;

/**
 * Classifies a message by its first 800 and last 400 characters. One that asks for a change is never given a category whose tools can
 * only read (`READ_ONLY`); with no cue at all it is `write`.
 * @param readers as `asksForChange()` takes them
 */
export function classify(task: string, readers: readonly string[] = []): Classified {
  const prose = readProse(task, readers);
  const clauses = readClauses(prose);
  const asksChange = wantsChange(clauses);
  const mayBe = (category: Category) => asksChange ? !READ_ONLY.includes(category) : category !== "write";
  const points = scoreCues(clauses, mayBe);
  if (asksChange) addChange(points, clauses);
  else addTalk(points, prose, clauses);
  const ranked = [...points].sort(([, a], [, b]) => b - a);
  const [best, second] = ranked;
  if (!best || best[1] <= 0) return { category: asksChange ? "write" : "respond", confidence: 0 };
  // Half a point against: one weak cue alone is no certainty.
  const confidence = best[1] / (best[1] + Math.max(0, second?.[1] ?? 0) + 0.5);
  return { category: best[0], confidence: Math.round(confidence * 100) / 100 };
}

/** Only cues of what the message may be: each pattern costs its compilation, once, before the first request. */
function scoreCues(
  clauses: readonly Clause[],
  mayBe: (category: Category) => boolean,
): Map<Category, number> {
  const points = new Map<Category, number>();
  for (const [category, weight, pattern] of CLAUSE_CUES) {
    if (!mayBe(category)) continue;
    const isMet = clauses.some((clause) => clause.mood !== "talk" && pattern.test(clause.text));
    if (isMet) points.set(category, (points.get(category) ?? 0) + weight);
  }
  return points;
}

/** Whether the message is about this project, or only talks. */
function addTalk(points: Map<Category, number>, prose: string, clauses: readonly Clause[]): void {
  const add = (category: Category, weight: number) =>
    points.set(category, (points.get(category) ?? 0) + weight);
  const isAbout = OURS.test(prose) || PROJECT.test(prose) && !IN_GENERAL.test(prose);
  if (clauses.length > 0 && clauses.every((clause) => clause.mood === "talk")) add("respond", 4);
  if (SOCIAL.test(prose)) add("respond", isAbout ? 2.5 : 5);
  // A question about the world: only where no cue of work in the project stands against it.
  const isWork = [...points].some(([category, weight]) =>
    category !== "read" && category !== "respond" && weight >= 3
  );
  const open = clauses.filter((clause) => clause.mood !== "talk");
  if (!isWork && open.some((clause) => GENERAL.test(clause.text))) add("respond", isAbout ? 0.5 : 4.5);
  if (!isWork && !isAbout && open.some((clause) => clause.mood === "question")) add("respond", 3.5);
  if (isAbout && clauses.some((clause) => clause.mood === "question")) add("read", 1);
  if (/\bTRACE\b/.test(prose)) add("read", 1);
}

/** A clear request outweighs whatever else is said; one that is only not a question weighs little. */
function addChange(points: Map<Category, number>, clauses: readonly Clause[]): void {
  const isExplicit = clauses.some((clause) => clause.mood === "change" && clause.isExplicit);
  points.set("write", (points.get("write") ?? 0) + (isExplicit ? 12 : 4));
}
