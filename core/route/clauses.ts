/** Prose -> clauses, each with what its speaker does: asks, wants something looked at or run, wants a change, or only talks. */

export type Mood = "question" | "look" | "change" | "talk";

export interface Clause {
  /** Folded, without fillers and polite openings. */
  readonly text: string;
  readonly mood: Mood;
  /** A verb of change stands in it: not only taken for a request in doubt. */
  readonly isExplicit: boolean;
  /** The speaker says what he himself wants to do. */
  readonly isWish: boolean;
}

const FILLER =
  /^(?:(?:hey|hi|hello|ok|okay|alright|please|pls|plz|pliz|plese|kindly|just|also|now|so|well|first|next|finally|then|maybe|quick|quickly|actually|and|but|or|thanks|great|cool|sorry|yo|um|guys|quick question|question|real quick|bitte|mal|also|jetzt|dann|und|oder|aber|hallo|zuerst|danach|kurz|noch|s il te plait|s il vous plait|stp|svp|merci|bonjour|salut|et|puis|ensuite|d abord|por favor|porfa|porfavor|hola|y|luego|despues|ahora|primero|oi|ola|bom dia|e|depois|agora|primeiro|pf|pfv|frage|pregunta|pergunta)(?: |, ?|: ?|$))+/;

const POLITE =
  /^(?:i was wondering if you could|i wonder if you could|would you mind|do you mind|would it be possible to|is it possible(?: for you)? to|are you able to|is there any chance you could|any chance (?:you|u) (?:can|could)|(?:can|could|would|will|may) (?:you|u|ya|we|someone)(?: be able to| possibly| like to)?|(?:i|we) (?:want|need|would like|d like|id like)(?: for)?(?: you)?(?: to)?|id (?:like|love)(?: for)?(?: you)?(?: to)?|wed like(?: you)? to|ill need you to|(?:we|you) (?:need|have|ought) to|(?:we|you) (?:should|must)|lets|let us|help me(?: to)?|help us(?: to)?|help|go ahead and|make sure(?: that| to)?|try to|try and|(?:try|start|keep)(?= \w+ing\b)|remember to|your (?:task|job) is to|(?:kannst|konntest|wurdest|magst|willst) du|(?:konnen|konnten|wurden) (?:sie|wir)|(?:konnte|kann) (?:man|jemand)|ich (?:mochte|will|hatte gern|brauche|wunsche mir)(?: gern)?(?: dass du| dass)?|wir (?:mussen|mochten|sollten|brauchen|wollen)|du (?:sollst|musst|kannst)|lass uns|hilf mir|(?:peux|pourrais|veux|voudrais) tu(?: me)?|tu (?:peux|pourrais|dois)(?: me)?|(?:pouvez|pourriez|voulez|voudriez) vous(?: me)?|vous pouvez|on (?:peut|doit|devrait|pourrait)|est ce que tu (?:peux|pourrais)(?: me)?|je (?:veux|voudrais|souhaite|souhaiterais)(?: que tu)?|j (?:aimerais|ai besoin)(?: que tu| que| de| d)?|il (?:faut|faudrait)(?: que tu)?|aide moi a|(?:me )?(?:puedes|podrias|puede|podria|podemos|podeis)(?: por favor)?|(?:quiero|necesito|necesitamos|queremos|me gustaria|quisiera)(?: que)?|hay que|tienes que|ayudame a|vamos a|(?:voce |vc |tu )?(?:pode|poderia|podes|consegue|podemos|podia)(?: me)?|(?:quero|preciso|precisamos|gostaria|queria)(?: que voce| que| de)?|tem que|temos que|da pra|da para|me ajuda a|me ajude a|vamos) ?/;

const QUESTION =
  /^(?:(?:in|on|at|from|to|by|with|for) (?:which|what|where)|what|whats|why|whys|how|hows|where|wheres|which|who|whos|whose|whom|when|is|isnt|are|arent|was|were|does|doesnt|do (?:you|we|i|they|these|those|the|all|u|any)|did|didnt|has|have (?:you|we|i|they)|had|should|shouldnt|would|can (?:i|we|it|this|that|one|the)|cant (?:i|we|it)|could (?:i|we|it|this|that|the)|am|any (?:idea|ideas|reason|clue|thoughts|usages|references)|anyone|wdym|was|wie|wieso|warum|weshalb|wo|woher|wohin|wozu|wer|wen|wem|wann|wieviele?|welche[rsnm]?|worin|womit|wodurch|ist|sind|hat|haben|gibt es|gibts|kann (?:man|ich|das|es)|soll(?:te)?n? (?:ich|man|wir)|darf|muss|in welche[rnm]?|que|quoi|qu|pourquoi|comment|ou|qui|quand|quel(?:le)?s?|est ce|c est quoi|combien|y a t il|as tu|a quoi|dans quel(?:le)?s?|existe|d ou|por que|como|donde|quien(?:es)?|cuando|cual(?:es)?|cuant[oa]s?|hay|es|esta|estan|para que|en que|o que|porque|onde|quem|quando|qual|quais|quant[oa]s?|tem|ha|em que|em qual|pra que|da onde|cade|tens|i (?:wonder|dont (?:understand|get|see))|im (?:wondering|curious|not sure|confused|trying to understand)|just (?:wondering|curious)|not sure (?:why|how|what)|no idea|ich (?:verstehe|frage)|je ne (?:comprends|vois)|je me demande|no entiendo|nao entendi|nao entendo|cosa|perche|dove|wat|waarom|hoe|waar|почему|что|как|где|зачем|кто|什么|为什么|怎么|如何|なぜ)(?: |$|,)/;

/** Opens like a question; without a question mark it tells what is wrong or what is wanted. */
const STATEMENT_OPENING =
  /^(?:when (?!(?:do|does|did|is|are|was|were|should|will|can|would)\b)|do (?:the|these|those|all)\b|what (?:i|we) (?:want|need)|have (?:the|an?|it|them)\b|which (?:is|are|was) (?:wrong|not|broken|bad|too|incorrect)\b|(?:is|are) (?:broken|wrong|not|missing|too|still|failing)\b|whats (?:missing|wrong|needed|left) is\b|(?:isnt|arent|doesnt|cant|is not|are not|does not|wasnt)\b|(?:cuando|quando|quand|hay|ha|tem|es|esta|estan|ist|hat|haben|muss|darf|should (?!(?:i|we|you|it|this|that|the|they)\b))\b)/;

/** Says after a question what ought to be. */
const MUST = /^(?:(?:it|this|that|they|there) )?(?:must|should|needs?|has to|have to)\b/;

/** A thing that is named by a verb (search, build, test) and said to be wrong. */
const COMPLAINT =
  /^(?:\w+ ){1,3}(?:should|must|shouldnt|doesnt|isnt|fails?|crashes|returns|wont|needs? to|never|still|dont|is (?:broken|wrong|missing|too|not)|are (?:broken|wrong|missing|not|too|red))\b/;
const SUBORDINATE =
  /\b(?:why|what|whether|if|how|when|which|where|that|who|warum|wieso|was|wie|ob|pourquoi|por que)\b/;

/** What is wished for is words. */
const WORDS_WISHED =
  /^(?:(?:an?|the|some|your|einen?|eine|un|une|um|uma) )?(?:\w+ ){0,3}(?:plan|roadmap|overview|summary|explanation|outline|strategy|proposal|breakdown|advice|opinion|uberblick|erklarung|explication|resume|apercu|resumen|explicacion|resumo|explicacao|plano)\b(?! (?:page|view|tab|column|field|table|button|box|section|endpoint|component|screen))/;

/** A verb whose object is a plan. */
const PLAN_OBJECT =
  /^\w+ (?:me |mir |moi |uns |nous |nos )?(?:an?|the|um|uma|une?|una|einen?|eine) (?:\w+ ){0,2}(?:plan|plano|roadmap|roteiro|strategy|strategie|estrategia|konzept|fahrplan|feuille de route)\b(?! (?:page|view|tab|column|field|table|button|box|section|endpoint|component|screen))/;

const WISH =
  /^(?:(?:i|we|im|were) (?:want|need|would like|d like|plan|planning|intend|have|are going|am going|going|thinking (?:of|about))|id like|wed like|ich (?:will|mochte)|wir (?:wollen|mochten|mussen)|je (?:veux|voudrais)|nous voulons|on veut|(?:quiero|queremos|necesitamos|quero|queremos|precisamos))(?: to)?\b(?! (?:you|that you|que tu|que voce|que|dass))/;

/** What is shown, listed or explained is to stand somewhere in the program or its files. */
const INTO_PLACE =
  /^(?:show|list|display|print|view|count|search|explain|describe|summari[sz]e|tell)\b.*\b(?:(?:on|in|at|below|above|next to|under) (?:the |a |an |my |our )?(?:\w+ )?(?:page|dashboard|header|footer|sidebar|navbar|modal|dialog|cart|screen|homepage|menu|form|tooltip|toolbar|title bar|tab|panel|popup|ui|docstrings?|comments?)|(?:to|into) (?:a |an |the )?(?:FILE|file|readme|docs))\b/;

const PROGRAMMED = new RegExp([
  "\\b(?:instead of|rather than|statt|anstatt|au lieu d|en lugar de|en vez de|em vez de|ao inves)\\b",
  "\\bbefore (?!coding|starting|implementing|writing|changing|doing|merging|committing|touching)\\w+ing\\b|\\bbevor\\b|\\bvor dem \\w+n\\b|\\bavant d|\\bantes de \\w+r\\b",
  "^(?:show|display|tell|give|zeige?|affiche[rz]?|muestra|mostre|mostra|gib) (?:an?|une?|eine[nr]?|una|uma?) (?:\\w+ ){0,2}(?:message|fehlermeldung|mensaje|mensagem|warning|warnung|error|alert|spinner|button|toast|badge|icon|hint|tooltip|notification|dialog|popup|placeholder|link|progress|hinweis|aviso)\\b",
  "^(?:tell|ask|show|notify|warn|give|let) (?:the |all |our )?(?:users?|admins?|customers?|caller|players?)\\b",
  "^(?:list|show|display|search|count) only\\b",
  "^(?:read|load|lies|lese|lis|lire|lee|leer|leia|ler) .*\\b(?:from|aus|depuis|desde|de) (?:an? |einer? |einem |une? |uma? |the )?(?:yaml|json|toml|csv|env\\w*|file|datei|fichier|archivo|arquivo|stdin|argv)\\b",
  "^\\w+ (?:auch|also|aussi|tambien|tambem)\\b|\\btoo$",
  "\\b(?:every|each) (?:night|hour|day|minute|week|second|time|\\d+)\\b",
  "^(?:describe|document|summari[sz]e|explain) .* in the (?:readme|docs|wiki|FILE)$\\b",
].join("|"));
const IN_CASE =
  /\b(?:when|whenever|once|after|erst|sobald|wenn|falls|if|si|se|cuando|quando|quand|lorsque) (?:\w+ ){0,2}(?:users?|field|feld|champ|campo|input|button|upload|game|timer|form|click|klick|nothing|empty|leer|vide|vacio|vazio|fails|ends|begins|unique|unico)\b/;
const ASKS_WHAT =
  /\b(?:what|why|how|where|which|was|warum|wie|wo|ce que|comment|pourquoi|que pasa|por que|como|o que|me|mir|moi|us|tests?|code|FILE|NAME)\b/;

/** A wish in one noun phrase, without a verb. */
const BARE_WISH =
  /^(?:an? |the )?(?:\w+ ){0,3}(?:plan|roadmap|overview|summary|explanation|outline|breakdown)(?: (?:for|of|on|how|please)\b.*)?$/;

/** Questions in form, requests in sense. */
const SUGGESTION =
  /^(?:why (?:dont|not)|why cant|why couldnt|how about|what about|what if|pourquoi ne pas|por que no|warum nicht)\b/;

const CHANGE_EN =
  "add|append|adjust|adapt|apply|bump|change|clean|cleanup|rm|comment(?= (?:out|on|the|all|every|this|that|each|code|NAME|CODE|FILE|it|in)\\b)|convert|correct|create|declutter|decouple|dedupe|deduplicate|delete|deprecate|drop|edit|enable|disable|eliminate|enforce|ensure|extend|extract|factor|fill|finish|complete|fix|hotfix|generate|get rid|handle|hardcode|hook|implement|improve|include|inline|insert|integrate|introduce|make|mend|merge|migrate|mock|modify|modernize|move|optimi[sz]e|parametri[sz]e|patch|polish|port|prevent|put|reduce|refactor|reformat|reimplement|remove|rename|reorder|reorgani[sz]e|repair|replace|resolve|restore|restructure|revert|rewrite|reword|rework|scaffold|set|simplify|solve|sort out|sort|speed|split|strip|stub|support|swap|switch|throw|tidy|toggle|translate|transform|tweak|undo|unify|update|upgrade|use|validate|wrap|wire|write|turn|bring|cache|debug|refine|rip|document|annotate|localize|internationalize|style|center|align|resize|hide|increase|decrease|bump|cover|expose|register|secure|harden|sanitize|escape|memoize|paginate|dockeri[sz]e|containeri[sz]e|code|program|append|prepend|delete|deal with|kill off|save|store|log|export|build (?:an?|me|the new|out|new|some|us|it (?:with|using|in|as))|read .*(?:from|instead)|develop|do it|do that|go ahead|proceed|continue|set up|setup|initiali[sz]e|init|configure|bootstrap|draft|provide|format|upload";
const CHANGE_DE =
  "andere|andern|ander|abandern|fuge|hinzufugen|hinzu|erganze|erganzen|schreibe?|schreiben|schreibst|umschreiben|erstelle|erstellen|erstell|erzeuge|erzeugen|lege|anlegen|losche|loschen|losch|entferne|entfernen|ersetze|ersetzen|benenne|umbenennen|umbenenne|behebe|beheben|behebst|repariere|reparieren|reparier|korrigiere|korrigieren|verbessere|verbessern|optimiere|optimieren|refaktoriere|refaktorieren|refactore|refactoren|implementiere|implementieren|mache?|machen|verschiebe|verschieben|aktualisiere|aktualisieren|anpassen|passe|umstellen|stelle|umwandeln|wandle|konvertiere|konvertieren|vereinfache|vereinfachen|baue|einbauen|bau|fixe|fixen|bearbeite|bearbeiten|ubersetze|ubersetzen|migriere|migrieren|portiere|formatiere|formatieren|aufraumen|raume|setze|setzen|andre|teile|aufteilen|auslagern|lagere|dokumentiere|kommentiere|los|losen|generiere|generieren|sorge|nutze|verwende statt|verwende|entwickle|entwickeln|programmiere|programmieren|kurze|kurzen|sortiere";
const CHANGE_FR =
  "ajoute[rsz]?|ajoutes|cree[rsz]?|creez|ecris|ecrire|ecrivez|modifie[rsz]?|change[rsz]?|corrige[rsz]?|supprime[rsz]?|efface[rsz]?|enleve[rsz]?|remplace[rsz]?|renomme[rsz]?|repare[rsz]?|refactorise[rsz]?|implemente[rsz]?|fais|faire|mets|mettre|deplace[rsz]?|convertis|convertir|traduis|traduire|ameliore[rsz]?|optimise[rsz]?|simplifie[rsz]?|extrais|extraire|retire[rsz]?|genere[rsz]?|migre[rsz]?|reecris|reecrire|adapte[rsz]?|documente[rsz]?|nettoie|nettoyer|formate[rsz]?|developpe[rsz]?|resous|resoudre|gere[rsz]?|utilise[rsz]?|rends|rendre|passe[rz]?|decoupe[rsz]?";
const CHANGE_ES =
  "anade|anadir|agrega|agregar|agregues|crea|crear|crees|escribe|escribir|modifica|modificar|cambia|cambiar|cambies|corrige|corregir|arregla|arreglar|arregles|elimina|eliminar|borra|borrar|quita|quitar|reemplaza|reemplazar|sustituye|renombra|renombrar|repara|reparar|refactoriza|refactorizar|implementa|implementar|haz|hacer|haga|pon|poner|mueve|mover|convierte|convertir|traduce|traducir|mejora|mejorar|optimiza|optimizar|simplifica|simplificar|extrae|extraer|genera|generar|migra|migrar|actualiza|actualizar|reescribe|reescribir|soluciona|solucionar|resuelve|resolver|documenta|documentar|formatea|limpia|limpiar|usa|divide|separa|valida|desarrolla";
const CHANGE_PT =
  "adicione|adicionar|adiciona|acrescente|acrescentar|inclua|incluir|criar|crie|cria|escreva|escrever|escreve|modifique|modificar|mude|mudar|muda|altere|alterar|altera|corrija|corrigir|corrige|conserte|consertar|conserta|remova|remover|remove|apague|apagar|apaga|exclua|excluir|delete|deletar|substitua|substituir|troque|trocar|troca|renomeie|renomear|renomeia|refatore|refatorar|refatora|implemente|faca|fazer|faz|coloque|colocar|coloca|mova|converta|converter|traduza|traduzir|melhore|melhorar|otimize|otimizar|simplifique|simplificar|extraia|extrair|gere|gerar|migre|atualize|atualizar|atualiza|reescreva|reescrever|resolva|arrume|arrumar|arruma|ajuste|ajustar|documente|formate|limpe|use|separe|valide|desenvolva";
const CHANGE_WORDS = `${CHANGE_EN}|${CHANGE_DE}|${CHANGE_FR}|${CHANGE_ES}|${CHANGE_PT}`;
const LEADS_CHANGE = new RegExp(
  `^(?:re )?(?:${CHANGE_WORDS}|changing|adding|removing|renaming|fixing|using|moving|splitting|writing|making|updating|replacing)\\b`,
);
const HAS_CHANGE = new RegExp(`\\b(?:${CHANGE_WORDS})\\b`);

/** Verbs that want something looked at, run, thought over or said: nothing is changed for them. */
const LOOK =
  /^(?:answer(?= (?:me|us|with|in|the question|my|this|only|just|briefly|yes)\b)|say(?= (?:why|what|how|where|which|whether|if)\b)|show(?= (?:me|us|the (?:\w+ ){0,2}(?:contents?|files?|folders?|code|diff|output|logs?|definitions?|source|structure|list|callers?|usages?|references|call|class|symbols?|signature|tests?|git|status|history|commits?|config|readme|implementations?|outline|tree|lines?|NAME|FILE)|all|contents?|where|what|how|which|every|only|git|lines?|source|code|diff|output|status|callers|usages|references|any|files|folders?|last|first|FILE|NAME)\b)|read(?!.*\b(?:from|instead)\b)|reread|open(?= (?:up )?(?:the |my )?(?:file|FILE|NAME|URL|readme)\b)|cat|view|print(?= (?:the |out )?(?:contents?|FILE|out))|display(?= (?:the )?(?:contents?|FILE))|explain|describe|summari[sz]e|sum up|tl ?dr|tell|walk|talk|(?:donne moi|dame|gib mir|me de) (?:les|los|die|os|as|las) (?:etapes|pasos|schritte|passos|etapas)|skizziere|disena (?:un )?plan|give me (?:an? |the |some )?(?:\w+ )?(?:overview|summary|summaries|list|explanation|idea|details|rundown|tour|outline|plan|steps|breakdown|estimate|example|examples|quick|advice|tips|pros)|give (?:an? |the )(?:\w+ )?(?:overview|summary|list|explanation)|list|enumerate|look(?! after)|(?:check|double check|verify|confirm)(?= (?:again|if|whether|why|what|how|who|where|out|it$|this$|FILE|NAME|URL|COMMAND|npm|pypi|online|github|for (?:bugs|errors|issues|problems|typos|security|memory|leaks|mistakes|unused|duplicate)|that (?:the )?(?:\w+ )?(?:tests?|build|project|app|everything|it|all)|(?:the |my |our |all |all the )?(?:\w+ )?(?:codebase|code|docs?|documentation|tests?|build|logs?|output|file|files|repo|repository|project|status|website|web|internet|page|version|versions|types|syntax)\b))(?!.* before )|review|inspect|analy[sz]e|audit|examine|investigate|diagnose|compare|diff|understand|clarify|know|learn|see(?= (?:if|why|what|how|whether|where|FILE|NAME|the))|find(?! and replace)|search(?= (?:for|in|through|all|everything|everywhere|online|github|my|our|this|FILE|QUOTE|NAME|(?:the |all )?(?:whole |entire )?(?:code|codebase|repo|repository|project|web|internet|net|docs|files|source|folder|directory|tests|logs?))\b)|locate|grep|trace|count(?= (?:the |all |how )?(?:lines|files|occurrences|todos|tests|loc|number of (?:lines|files|tests|occurrences)|many|usages|functions|classes|words))|identify|spot|determine|figure out|run|rerun|re run|execute|exec|invoke|start(?! (?:with|by|\w+ing)\b)|launch|boot|restart|(?:go|jump|navigate|take me) to (?:the )?(?:definition|declaration|implementation)|stop(?! \w+ing\b)(?! .* from )|kill|serve|test|build(?! (?:an?|me|the new|out|new|some|us|it (?:with|using|in|as))\b)|compile|rebuild|install|deploy|lint|typecheck|type check|benchmark|profile|commit|push|pull|checkout|check out|stash|rebase|publish|ping|curl|tail|ask(?= me)|try (?:it|that)(?: out)?$|get(?= .*URL)|(?:make|create|do) (?:a |the |an )?(?:new )?(?:(?:git )?commit|git (?:branch|tag|stash))|plan|outline|propose|suggest|recommend|think|brainstorm|estimate|consider|discuss|design(?= (?:an? |the )?(?:\w+ ){0,3}(?:plan|approach|architecture|system|strategy|schema|api)\b)|(?:make|create|write|draft|prepare) (?:me )?(?:an? |the )?(?:todo|task|check) ?list\b(?! (?:app|page|component|view|item))|(?:make|create|write|draft|prepare|draw up|come up with|give me|produce|sketch|put together|lay out|map out|work out) (?:me )?(?:a |an |the |up )?(?:\w+ ){0,3}(?:plan|roadmap|strategy|outline|proposal|steps|approach|breakdown|design doc(?:ument)?|rfc|adr)\b(?! ?(?:in|to|into|as|under) (?:a )?(?:FILE|file))|break (?:it|this|that|the|down)|map out|sketch|google|(?:fetch|download)(?= .*(?:URL|from the (?:web|internet|net)|docs|documentation|website|page))|browse|visit|research|look up|scrape|read up|debate|define(?! (?:an?|the|new)\b)|teach|running|starting|building|testing|installing|executing|launching|let me (?:see|know|look)|do an? (?:\w+ )?(?:review|check|search|analysis|audit|summary|comparison|run|build|commit)|speak|baue? (?:das projekt|das image|die app)|hole? (?:dir|mir)|va sur|va a|ve a|visite[rz]?|visita|besuche|acesse|telecharge[rz]?|descarga|baixe|callers?|usages?|references?|definition|release notes|changelog|pros|difference|docs|documentation|summary|overview|status|contents|call graph|examples? of|explanation|(?:only|just) (?:the|a|an) (?:plan|explanation|overview|summary|outline|idea)|zeig|zeige|zeigen|lies|lese|lesen|offne|offnen|erklare?|erklaren|erklarst|beschreibe?|beschreiben|fasse?|zusammenfassen|gib mir (?:einen? )?(?:\w+ )?(?:uberblick|ubersicht|zusammenfassung|liste)|sag|sagen|suche?|suchen|such|finde|finden|prufe|prufen|uberprufe|uberprufen|schau|schauen|liste|zahle|starte|starten|fuhre?|fuhren|ausfuhren|lass(?= )|teste|testen|kompiliere|installiere|installieren|plane|planen|plan|entwirf|uberlege|uberlegen|recherchiere|vergleiche|analysiere|analysieren|wissen|verstehen|montre[rz]?|montrez|affiche[rz]?|lis|lire|ouvre|ouvrir|explique[rsz]?|expliques|decris|decrire|resume[rsz]?|dis|dire|cherche[rsz]?|trouve[rsz]?|recherche[rz]?|liste[rz]?|verifie[rz]?|regarde[rz]?|analyse[rz]?|lance[rz]?|execute[rz]?|demarre[rz]?|installe[rz]?|compile[rz]?|teste[rz]?|planifie[rz]?|propose[rz]?|compare[rz]?|savoir|comprendre|donne moi (?:un |une |la |le )?(?:apercu|liste|resume|vue|plan)|compte[rz]?|va chercher|consulte[rz]?|muestra(?:me)?|mostrar(?:me)?|muestrame|lee|leer|abre|abrir|explica(?:me)?|explicar(?:me)?|explicame|describe|describir|resume|resumir|dime|decirme|busca|buscar|encuentra|encontrar|localiza|lista|listar|revisa|revisar|comprueba|verifica|mira|analiza|analizar|ejecuta|ejecutar|corre|correr|lanza|lanzar|arranca|inicia|iniciar|instala|instalar|compila|compilar|prueba|planifica|planificar|planea|propon|compara|comparar|saber|entender|cuenta|dame (?:un |una |la )?(?:resumen|lista|vision|plan)|consulta|averigua|investiga|hazme (?:un |una )?(?:resumen|lista|plan)|haz (?:un |una )(?:resumen|lista|plan)|faca (?:um |uma )(?:resumo|lista|plano)|crie (?:um |uma )(?:resumo|lista|plano)|fais (?:moi )?(?:un |une )(?:resume|liste|plan)|mach(?:e)? (?:mir )?(?:einen? )(?:plan|liste|ubersicht)|erstelle? (?:mir )?(?:einen? )(?:\w+ )?(?:plan|liste|ubersicht)|crea (?:un )(?:plan)|mostre|mostrar|mostra|leia|ler|abra|explique|explicar|descreva|resuma|diga|me (?:diga|diz|mostre|mostra|explique|explica)|procure|procurar|procura|encontre|ache|achar|liste|confira|verifique|veja|analise|analisar|rode|rodar|roda|executar|inicie|suba|compile|planeje|planejar|planeja|proponha|compare|conte|pesquise|pesquisar|pesquisa|busque|buscar)\b/;

const TALK =
  /^(?:hi|hello|hey|yo|sup|hallo|moin|servus|hola|ola|oi|bonjour|salut|good (?:morning|evening|afternoon|night|job|work|bot)|guten (?:morgen|tag|abend)|bom dia|boa (?:tarde|noite)|buenos dias|buenas(?: tardes| noches)?|bonsoir|thanks|thank you|thx|ty|cheers|danke(?: dir| schon)?|merci|gracias|obrigad[oa]|valeu|(?:ok|okay|great|cool|nice)(?: cool| ok| great| nice| thanks| thx)+$|great(?: work| job)?|awesome|perfect(?:o)?|perfekt|parfait|genial|nice(?: work| one| job)?|cool|super|wow|lol|haha|bye|goodbye|tschuss|adios|tchau|au revoir|see you|never ?mind|nvm|no worries|(?:sounds|looks?|all) (?:good|great|fine|perfect)(?: to me)?|lgtm|that (?:works|worked|helped|helps)(?: great| perfectly)?|(?:it )?works (?:great|now|perfectly)|well done|you (?:are|re) (?:great|awesome|the best)|youre (?:great|awesome|the best|welcome)|i (?:see|understand|get it)|got it|makes sense|understood|im new (?:here|to)|good to know|that s all|thats all|thats (?:great|it|perfect|awesome|helpful)|i appreciate|that was|have a (?:nice|good|great)|much appreciated|so much|a lot|for (?:the|your) help|vielen dank|bis (?:bald|spater|morgen)|muchas|mil|de nada|muito|todo bien|tudo bem|que tal|ca va|wie gehts?|alles klar|verstanden|entendido|entendi|compris|d accord|passt|gut gemacht|bien joue|buen trabajo|bom trabalho|tell me a joke|joke)\b/;

/** What a speaker says of the situation, unless it tells of a fault. */
const CONTEXT =
  /^(?:assume|imagine|suppose|(?:im|i am|were|we are) (?:using|on|working|running|learning|new|trying to understand|wondering|a |coming)|(?:i|we) (?:use|have|work|heard|read|learned|inherited|just (?:cloned|joined|started))|for context|context|background|ich (?:nutze|verwende|habe|bin)|wir (?:nutzen|verwenden|haben)|j utilise|nous utilisons|on utilise|uso|usamos|estou usando|estoy usando)\b/;
const FAULT =
  /\b(?:bugs?|errors?|fail\w*|crash\w*|wrong|broken|issues?|problems?|dont|doesnt|not|isnt|cant|wont|missing|slow|should|must|stuck|leak\w*|TRACE|fehler|falsch|kaputt|nicht|probleme?|erreurs?|marche pas|ne|falla|fallo|roto|no|nao|falta|mas|erro|quebrad\w*)\b/;

const NEGATED =
  /\b(?:(?:dont|do not|doesnt|not|without|never|no need to|rather than|instead of|no|wont|shouldnt) (?:(?:you|we|i|actually|yet|want|to|any|code|make|making|start|ever|me|touch) ){0,4}(?:add(?:ing)?|apply(?:ing)?|chang(?:e|ing)|changes|touch(?:ing)?|modify(?:ing)?|modifications|edit(?:ing)?|edits|write|writing|implement(?:ing)?|cod(?:e|ing)|fix(?:ing)?|refactor(?:ing)?|delet(?:e|ing)|remov(?:e|ing)|touch|mess|break(?:ing)?|alter(?:ing)?|creat(?:e|ing)|coding)|before (?:(?:we|you|i|any) )?(?:start |begin |do |starting |doing )?(?:coding|code|writing|write|implementing|implement|changing|change|touching|touch|start|starting|anything)|nur (?:erklaren|lesen|anschauen|ansehen|zeigen)|ohne (?:etwas |was |code )?zu (?:andern|schreiben)|nichts (?:andern|verandern)|noch nicht(?:s)?|(?:andere|schreibe?|mach) (?:noch )?(?:nichts|keinen?)|sans (?:rien )?(?:modifier|changer|toucher)|ne (?:modifie|change|touche|corrige)[rz]? (?:rien|pas)|sin (?:cambiar|modificar|tocar)(?: nada)?|no (?:cambies|modifiques|toques|escribas|edites)|sem (?:mudar|alterar|mexer|modificar)(?: nada)?|nao (?:altere|mude|mexa|modifique|escreva)|(?:change|touch|edit|modify|write) nothing|read only|just (?:explain|tell|show|look|curious|wondering|a question)|only (?:explain|tell|show|look)|explain only|no (?:code )?(?:changes?|edits?)(?: please)?|(?:code|changes) yet)\b/;

/** "Never log the password" is about the program, "don't change anything" about the work. */
const FORBIDS =
  /^(?:please )?(?:dont|do not|never) (?:add|write|create|delete|remove|log|store|save|send|print|use|allow|show)\b/;
const FORBIDS_CHANGE =
  /\b(?:anything|any|code|it|nothing|yet|files?|now|this|something|stuff|changes?|one|them)\b|^(?:please )?(?:dont|do not|never) \w+$/;

/** After a question: what is to be done about it. */
const AND_FIX =
  /^(?:fix|repair|solve|mend|resolve|correct|behebe|fixe|repariere|corrige|arregla|corrija|conserte|repare)\b/;

/** How something is mended, of one's own project: asked of an agent, it is a request. */
const HOW_TO_MEND =
  /^(?:how (?:do|can|could|would|should) (?:i|we|you)|how to|wie (?:kann|konnte) (?:ich|man)|wie behebe ich|comment (?:puis je )?|como (?:puedo|posso|se)) ?(?:fix|solve|resolve|get rid of|repair|das|diesen?|corriger|reparer|resoudre|arreglar|arreglo|solucionar|resolver|corrigir|consertar|beheben) (?:this|that|it|the|these|my|FILE|NAME|TRACE|\S* ?(?:beheben|losen)|le|la|ce|cette|este|esta|esto|el|isso|o|a)\b/;

/** Reads a folded text clause by clause; a part without a verb of its own goes on as the part before. */
export function readClauses(prose: string): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const sentence of prose.match(/[^.!?;\n]+[.!?;\n]*/g) ?? []) {
    const isAsked = /\?/.test(sentence);
    let before: Mood | undefined;
    for (const part of splitSentence(sentence)) {
      const clause = readClause(part, isAsked, before);
      if (!clause) continue;
      clauses.push(clause);
      before = clause.mood;
    }
  }
  return clauses;
}

function splitSentence(sentence: string): readonly string[] {
  return sentence.replace(/[.!?;\n]+/g, " ").split(
    /[,:]| (?:and then|and|then|but|so that|und dann|und|dann|aber|et|puis|y|luego|pero|e|depois) /,
  );
}

function readClause(part: string, isAsked: boolean, before: Mood | undefined): Clause | undefined {
  const bare = strip(part.trim(), FILLER);
  const text = strip(strip(bare, POLITE), FILLER);
  if (!/[\p{L}\p{N}]/u.test(text)) return undefined;
  const unmarked = text.replace(/^(?:(?:URL|FILE|TRACE|CODE|QUOTE) ?)+/, "");
  const isPolite = text !== bare && POLITE.test(bare);
  const clause = (mood: Mood, isExplicit = false): Clause => ({
    text,
    mood,
    isExplicit,
    isWish: WISH.test(bare),
  });
  if (FORBIDS.test(bare) && !FORBIDS_CHANGE.test(bare)) return clause("change");
  if (NEGATED.test(bare) && !/\b(?:else|other|anything but)\b/.test(bare)) {
    return LEADS_CHANGE.test(text) && !LOOK.test(text) &&
        !/^(?:dont|do not|no|never|without)\b|\b(?:nothing|nichts|keinen?|rien|pas|nada)\b/.test(bare)
      ? clause("change", true)
      : clause("look");
  }
  if (/^(?:TRACE|CODE|QUOTE|URL|FILE|NAME|COMMAND| )+$/.test(text)) {
    return clause(/COMMAND/.test(text) ? "look" : before ?? "talk");
  }
  if (!isPolite && !QUESTION.test(`${text} `) && COMPLAINT.test(text) && !SUBORDINATE.test(text)) {
    return clause("change", LEADS_CHANGE.test(text));
  }
  if (isAsked && /^(?:can|could) (?:the|this|that|it|we) (?:\w+ ){1,2}(?:be|have|include)\b/.test(bare)) {
    return clause("change");
  }
  if (
    !isAsked && (before === "question" || before === "look") && !QUESTION.test(`${text} `) && MUST.test(text)
  ) return clause("change");
  if (!isAsked && STATEMENT_OPENING.test(bare)) return clause("change");
  if (isGreeting(part.trim(), text)) return clause("talk");
  if (!isPolite && (TALK.test(text) || CONTEXT.test(text) && !FAULT.test(text))) return clause("talk");
  if (LOOK.test(text) && (INTO_PLACE.test(text) || isProgrammed(text))) return clause("change", true);
  if (SUGGESTION.test(bare)) return clause("change", HAS_CHANGE.test(bare));
  if (HOW_TO_MEND.test(bare)) return clause("change", true);
  if (
    LOOK.test(text) || LOOK.test(unmarked) || isVerbLast(text) ||
    BARE_WISH.test(text) && !LEADS_CHANGE.test(text) ||
    PLAN_OBJECT.test(text) && !LEADS_CHANGE.test(text)
  ) {
    return clause("look");
  }
  if (
    (LEADS_CHANGE.test(text) || LEADS_CHANGE.test(unmarked)) &&
    (!isAsked || isPolite || before !== "question" || AND_FIX.test(text))
  ) {
    return clause("change", true);
  }
  if (isPolite && (isExplained(text) || WORDS_WISHED.test(text))) return clause("look");
  if (isPolite) return clause("change", HAS_CHANGE.test(text));
  if (QUESTION.test(`${text} `)) return clause("question");
  if (isAsked) return clause(before === "look" ? "look" : "question");
  if (before && (before !== "talk" || isAside(text))) return clause(before);
  return clause("change", HAS_CHANGE.test(text));
}

/** Verbs of looking that tell what the program is to do: where to read from, what to show to whom, in which case. */
function isProgrammed(text: string): boolean {
  return PROGRAMMED.test(text) || IN_CASE.test(text) && !ASKS_WHAT.test(text);
}

/** What goes on with thanks: "you helped me a lot", "that was it". */
function isAside(text: string): boolean {
  return /^(?:you|u|it|that|thats|works|worked|funciona|funcionou|funktioniert|marche|this|everything|all|i|we|du|das|es|tu|c|eso|todo|isso|tudo|very|really|much|so)\b/
    .test(text) && !FAULT.test(text);
}

/** A short part that opens with a greeting or thanks and wants nothing. */
function isGreeting(part: string, text: string): boolean {
  return TALK.test(part) && part.split(" ").length <= 4 && !LEADS_CHANGE.test(text) && !LOOK.test(text) &&
    !QUESTION.test(`${text} `) && !FAULT.test(text);
}

/** Verb-last languages: "mir die Funktion erklären", "das Projekt starten". */
const LAST_VERB =
  /\b(?:erklaren|erklart|zeigen|zeigst|beschreiben|sagen|zusammenfassen|lesen|suchen|finden|prufen|ausfuhren|starten|testen|laufen lassen|installieren|planen|nachschauen|anschauen|ansehen|auflisten|recherchieren|wissen|verstehen|nachsehen|herunterladen)\b/;

function isExplained(text: string): boolean {
  return LAST_VERB.test(text) && !HAS_CHANGE.test(text);
}

function isVerbLast(text: string): boolean {
  return isExplained(text) && /[a-z]{5,}(?:en|st|rt)$/.test(text) &&
    new RegExp(`${LAST_VERB.source}$`).test(text);
}

function strip(text: string, pattern: RegExp): string {
  const rest = text.replace(pattern, "").trim();
  return rest === "" ? text : rest;
}
