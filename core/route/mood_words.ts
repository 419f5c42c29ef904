/** The words that tell what a clause is, by how it opens; folded as `readProse()` folds them, in the order English, German, French, Spanish, Portuguese. */

import { type Phrases, phrases } from "./phrases.ts";

/** Words about the work, as the object of a verb of making; written into a file they are one to be made. */
const A_PLAN =
  "[a/an/the/up] _3 plan/roadmap/strategy/outline/proposal/steps/approach/breakdown/rfc/adr ! in/to/into/as/under [a] FILE/file";
const A_DESIGN = "[a/an/the/up] _3 design doc/document ! in/to/into/as/under [a] FILE/file";

/** What can only be looked at; "before" tells the program when to. */
const IN_DOUBT =
  "> again/if/whether/why/what/how/who/where/out/FILE/NAME/URL/COMMAND/npm/pypi/online/github ; it $ ; this $ ; for bugs/errors/issues/problems/typos/security/memory/leaks/mistakes/unused/duplicate ; that [the] [_] test+s/build/project/app/everything/it/all ; [the/my/our/all] [the] [_] codebase/code/doc+s/documentation/test+s/build/log+s/output/file+s/repo/repository/project/status/website/web/internet/page/version+s/types/syntax ! ... before _";

/** Said before what is meant. */
export const FILLER: Phrases = phrases(`
  hey, hi, hello, ok, okay, alright, please, pls, plz, pliz, plese, kindly, just, also, now, so, well, first, next, finally, then, maybe
  quick, quickly, actually, and, but, or, thanks, great, cool, sorry, yo, um, guys, quick question, question, real quick
  bitte, mal, jetzt, dann, und, oder, aber, hallo, zuerst, danach, kurz, noch, frage
  s il te plait, s il vous plait, stp, svp, merci, bonjour, salut, et, puis, ensuite, d abord
  por favor, porfa, porfavor, hola, y, luego, despues, ahora, primero, pregunta
  oi, ola, bom dia, e, depois, agora, primeiro, pf, pfv, pergunta
`);

/** Asks for what comes after it, or wishes it. */
export const POLITE: Phrases = phrases(`
  i was wondering if you could, i wonder if you could, would you mind, do you mind, would it be possible to
  is it possible [for] [you] to, are you able to, is there any chance you could, any chance you/u can/could
  can/could/would/will/may you/u/ya/we/someone, can/could/would/will/may you/u/ya/we/someone be able to
  can/could/would/will/may you/u/ya/we/someone possibly, can/could/would/will/may you/u/ya/we/someone like to
  i/we want/need/id [for] [you] [to], i/we would/d/id like [for] [you] [to], id like/love [for] [you] [to]
  wed like [you] to, ill need you to, we/you need/have/ought to, we/you should/must
  lets, let us, help, help me/us [to], go ahead and, make sure [that/to], try to/and, try/start/keep > *ing
  remember to, your task/job is to

  kannst/konntest/wurdest/magst/willst du, konnen/konnten/wurden sie/wir, konnte/kann man/jemand
  ich mochte/will/brauche [gern] [dass] [du], ich hatte gern [gern] [dass] [du], ich wunsche mir [gern] [dass] [du]
  wir mussen/mochten/sollten/brauchen/wollen, du sollst/musst/kannst, lass uns, hilf mir

  peux/pourrais/veux/voudrais tu [me], tu peux/pourrais/dois [me], pouvez/pourriez/voulez/voudriez vous [me], vous pouvez
  on peut/doit/devrait/pourrait, est ce que tu peux/pourrais [me], je veux/voudrais/souhaite/souhaiterais
  je veux/voudrais/souhaite/souhaiterais que tu, j aimerais [que/de/d] [tu], j ai besoin [que/de/d] [tu]
  il faut/faudrait, il faut/faudrait que tu, aide moi a

  [me] puedes/podrias/puede/podria/podemos/podeis, [me] puedes/podrias/puede/podria/podemos/podeis por favor
  quiero/necesito/necesitamos/queremos/quisiera [que], me gustaria [que], hay que, tienes que, ayudame a, vamos a

  [voce/vc/tu] pode/poderia/podes/consegue/podemos/podia [me], quero/preciso/precisamos/gostaria/queria [que/de]
  quero/preciso/precisamos/gostaria/queria que voce, tem que, temos que, da pra, da para, me ajuda/ajude a, vamos
`);

/** Opens a question. */
export const QUESTION: Phrases = phrases(`
  in/on/at/from/to/by/with/for which/what/where
  what+s, why+s, how+s, where+s, which, who+s+se+m, when, is, isnt, are, arent, was, were, does, doesnt, did, didnt, has, hasnt, had
  do you/we/i/they/these/those/the/all/u/any, have you/we/i/they, should, shouldnt, would, can i/we/it/this/that/one/the
  cant i/we/it, could i/we/it/this/that/the, am, any idea+s, any reason/clue/thoughts/usages/references, anyone, wdym
  i wonder, i dont understand/get/see, im wondering/curious/confused, im not sure, im trying to understand
  just wondering/curious, not sure why/how/what, no idea

  wie, wieso, warum, weshalb, wo, woher, wohin, wozu, wer, wen, wem, wann, wieviel+e, welche+r+s+n+m, worin, womit, wodurch
  ist, sind, hat, haben, gibt es, gibts, kann man/ich/das/es, soll+n/sollte+n ich/man/wir, darf, muss, in welche+r+n+m
  ich verstehe/frage

  que, quoi, qu, pourquoi, comment, ou, qui, quand, quel+s/quelle+s, est ce, c est quoi, combien, y a t il, as tu, a quoi
  dans quel+s/quelle+s, existe, d ou, je ne comprends/vois, je me demande

  por que, como, donde, quien+es, cuando, cual+es, cuanto+s/cuanta+s, hay, es, esta, estan, para que, en que, no entiendo

  o que, porque, onde, quem, quando, qual, quais, quanto+s/quanta+s, tem, ha, em que, em qual, pra que, da onde, cade, tens
  nao entendi/entendo

  cosa, perche, dove, wat, waarom, hoe, waar, почему, что, как, где, зачем, кто, 什么, 为什么, 怎么, 如何, なぜ
`);

/** Wants nothing: greetings, thanks, praise. */
export const TALK: Phrases = phrases(`
  hi, hello, hey, yo, sup, good morning/evening/afternoon/night/job/work/bot, thanks, thank you, thx, ty, cheers
  ok/okay/great/cool/nice cool/ok/great/nice/thanks/thx [cool/ok/great/nice/thanks/thx]6 > $, ok/okay/k/kk/fine/alright > $
  n/no/nope/nah/nein/non/nao/cancel/nevermind/exit/quit/q > $, no/nope/nah thanks/thx > $, no thank you > $, not now > $, never mind > $
  forget it > $, cancel that/it > $, nein danke > $, non merci > $, no gracias > $, nao obrigado/obrigada > $
  say hi/hello/hey/hallo/hola/ola/bonjour/bye/cheese/something/anything [back/there/again] > $ ; to me/us/him/her/them/everyone
  great [work/job], awesome, perfect, nice [work/one/job], cool, super, wow, lol, haha, bye, goodbye, see you, never mind, nevermind, nvm
  no worries, sounds/look+s/all good/great/fine/perfect, lgtm, that works/worked/helped/helps, [it] works great/now/perfectly
  well done, you are/re great/awesome, you are/re the best, youre great/awesome/welcome, youre the best, i see/understand, i get it
  got it, makes sense, understood, im new here/to, good to know, that s all, thats all/great/it/perfect/awesome/helpful
  i appreciate, that was, have a nice/good/great, much appreciated, so much, a lot, for the/your help, tell me a joke, joke

  hallo, moin, servus, guten morgen/tag/abend, danke, perfekt, tschuss, vielen dank, bis bald/spater/morgen, wie geht+s, alles klar
  verstanden, passt, gut gemacht

  bonjour, bonsoir, salut, merci, parfait, au revoir, ca va, compris, d accord, bien joue

  hola, buenos dias, buenas, gracias, perfecto, genial, adios, muchas, mil, de nada, todo bien, que tal, entendido, buen trabajo

  ola, oi, bom dia, boa tarde/noite, obrigado/obrigada, valeu, tchau, muito, tudo bem, entendi, bom trabalho
`);

/** Verbs and phrases that want something looked at, run, thought over or said: nothing is changed for them. */
export const LOOK: Phrases = phrases(`
  answer > me/us/with/in/my/this/only/just/briefly/yes ; the question
  say > why/what/how/where/which/whether/if, tell, talk, speak, explain, describe, summarise, summarize, sum up, tldr, tl dr, walk, teach
  show > me/us/all/content+s/where/what/how/which/every/only/git/line+s/source/code/diff/output/status/callers/usages/references/any ; files/folder+s/last/first/FILE/NAME ; the _2 content+s/file+s/folder+s/code/diff/output/log+s/definition+s/source/structure/list/caller+s/usage+s/references/call/class/symbol+s/signature/test+s/git/status/history/commit+s/config/readme/implementation+s/outline/tree/line+s/NAME/FILE
  read ! ... from/instead
  reread, cat, view, list, enumerate, open > [up] [the/my] file/FILE/NAME/URL/readme, print > [the/out] content+s/FILE/out
  display > [the] content+s/FILE, look ! after, see > if/why/what/how/whether/where/FILE/NAME/the, let me see/know/look, get > ... URL
  give me [a/an/the/some] [_] overview/summary/summaries/list/explanation/idea/details/rundown/tour/outline/plan/steps
  give me [a/an/the/some] [_] breakdown/estimate/example+s/quick/advice/tips/pros, give a/an/the [_] overview/summary/list/explanation
  check/verify/confirm ${IN_DOUBT}, double check ${IN_DOUBT}
  review, inspect, analyse, analyze, audit, examine, investigate, diagnose, compare, diff, understand, clarify, know, learn, identify, spot
  determine, figure out, trace, locate, grep, find ! and replace
  search > for/in/through/all/everything/everywhere/online/github/my/our/this/FILE/QUOTE/NAME ; [the/all] [whole/entire] code/codebase/repo/repository/project/web/internet/net/docs/files/source/folder/directory/tests/log+s
  count > [the/all/how] lines/files/occurrences/todos/tests/loc/many/usages/functions/classes/words ; [the/all/how] number of lines/files/tests
  go/jump/navigate to [the] definition/declaration/implementation, take me to [the] definition/declaration/implementation
  run, rerun, re run, execute, exec, invoke, launch, boot, restart, kill, serve, test, compile, rebuild, install, deploy, lint, typecheck
  type check, benchmark, profile, commit, push, pull, checkout, check out, stash, rebase, publish, ping, curl, tail, start ! with/by/*ing
  stop ! *ing ; ... from, build ! a/an/me/new/out/some/us ; the new ; it with/using/in/as, try it/that [out] > $, ask > me
  running, starting, building, testing, installing, executing, launching, make/create/do [a/the/an] [new] [git] commit
  make/create/do [a/the/an] [new] git branch/tag/stash, do a/an [_] review/check/search/analysis/audit/summary/comparison/run/build/commit
  plan, outline, propose, suggest, recommend, think, brainstorm, estimate, consider, discuss, debate, sketch, map out
  break it/this/that/the/down, define ! a/an/the/new, design > [a/an/the] _3 plan/approach/architecture/system/strategy/schema/api
  make/create/write/draft/prepare [me] [a/an/the] todo/task/check list ! app/page/component/view/item
  make/create/write/draft/prepare [me] [a/an/the] checklist ! app/page/component/view/item
  make/create/write/draft/prepare/produce/sketch [me] ${A_PLAN}, make/create/write/draft/prepare/produce/sketch [me] ${A_DESIGN}
  draw up [me] ${A_PLAN}, draw up [me] ${A_DESIGN}
  come up with [me] ${A_PLAN}, come up with [me] ${A_DESIGN}
  give me [me] ${A_PLAN}, give me [me] ${A_DESIGN}
  put together [me] ${A_PLAN}, put together [me] ${A_DESIGN}
  lay/map/work out [me] ${A_PLAN}, lay/map/work out [me] ${A_DESIGN}
  fetch/download > ... URL/docs/documentation/website/page ; ... from the web/internet/net, google, browse, visit, research, look up
  scrape, read up, caller+s, usage+s, references, reference, definition, release notes, changelog, pros, difference, docs, documentation
  summary, overview, status, contents, call graph, example+s of, explanation, only/just the/a/an plan/explanation/overview/summary/outline/idea

  zeig+e+en, lies, lese+n, offne+n, erklar+e+en+st, beschreib+e+en, fass+e, zusammenfassen, sag+en, such+e+en, finde+n, prufe+n, uberprufe+n
  schau+en, liste, zahle, starte+n, fuhr+e+en, ausfuhren, lass > _, teste+n, kompiliere, installiere+n, plane+n, entwirf, uberlege+n
  recherchiere, vergleiche, analysiere+n, wissen, verstehen, skizziere, besuche, hol+e dir/mir, bau+e das projekt/image, bau+e die app
  gib mir [einen/eine] [_] uberblick/ubersicht/zusammenfassung/liste, gib mir/dame los/die/os/as/las/les etapas/pasos/schritte/passos
  mach+e [mir] einen/eine plan/liste/ubersicht, erstell+e [mir] einen/eine [_] plan/liste/ubersicht

  montre+r+z, affiche+r+z, lis, lire, ouvre, ouvrir, explique+r+s+z, decris, decrire, resume+r+s+z, dis, dire, cherche+r+s+z, trouve+r+s+z
  recherche+r+z, liste+r+z, verifie+r+z, regarde+r+z, analyse+r+z, lance+r+z, execute+r+z, demarre+r+z, installe+r+z, compile+r+z
  teste+r+z, planifie+r+z, propose+r+z, compare+r+z, savoir, comprendre, compte+r+z, va chercher, consulte+r+z, va sur, visite+r+z
  telecharge+r+z, donne moi [un/une/la/le] apercu/liste/resume/vue/plan, donne moi les/los/die etapes, fais [moi] [un/une] resume/liste/plan

  muestra, muestrame, mostrar, mostrarme, lee, leer, abre, abrir, explica, explicame, explicar, explicarme, describe, describir, resumir
  dime, decirme, busca+r, encuentra, encontrar, localiza, lista+r, revisa+r, comprueba, verifica, mira, analiza+r, ejecuta+r, corre+r
  lanza+r, arranca, inicia+r, instala+r, compila+r, prueba, planifica+r, planea, propon, compara+r, saber, entender, cuenta
  dame [un/una/la] resumen/lista/vision/plan, consulta, averigua, investiga, hazme [un/una] resumen/lista/plan, haz un/una resumen/lista/plan
  crea un plan, disena [un] plan, va/ve a, visita, descarga

  mostre, mostrar, mostra, leia, ler, abra, descreva, resuma, diga, me diga/diz/mostre/mostra/explique/explica, me de los/os/as etapas/passos
  procure, procura+r, encontre, ache, achar, confira, verifique, veja, analise, analisar, rode, roda+r, executar, inicie, suba, planeje
  planeja+r, proponha, conte, pesquise, pesquisa+r, busque, acesse, baixe, faca [um/uma] resumo/lista/plano, crie um/uma resumo/lista/plano
`);

const NOT_NOW = "[you/we/i/actually/yet/want/to/any/code/make/making/start/ever/me/touch]4";
const WORK =
  "add+ing/apply+ing/change/changing/changes/touch+ing/modify+ing/modifications/edit+ing+s/write/writing/implement+ing/code/coding/fix+ing/refactor+ing/delete/deleting/remove/removing/mess/break+ing/alter+ing/create/creating";

/** Forbids the work, or puts it off. */
export const NEGATED: Phrases = phrases(`
  dont/doesnt/not/without/never/no/wont/shouldnt ${NOT_NOW} ${WORK}, do not ${NOT_NOW} ${WORK}, no need to ${NOT_NOW} ${WORK}
  rather than ${NOT_NOW} ${WORK}, instead of ${NOT_NOW} ${WORK}
  before [we/you/i/any] [start/begin/do/starting/doing] coding/code/writing/write/implementing/implement/changing/change/touching/touch/start/starting/anything
  change/touch/edit/modify/write nothing, read only, just explain/tell/show/look/curious/wondering, just a question
  only explain/tell/show/look, explain only, no [code] change+s/edit+s, code/changes yet

  nur erklaren/lesen/anschauen/ansehen/zeigen, ohne [etwas/was/code] zu andern/schreiben, nichts andern/verandern, noch nicht+s
  andere/schreib+e/mach [noch] nichts/kein+en

  sans [rien] modifier/changer/toucher, ne modifie+r+z/change+r+z/touche+r+z/corrige+r+z rien/pas

  sin cambiar/modificar/tocar, no cambies/modifiques/toques/escribas/edites

  sem mudar/alterar/mexer/modificar, nao altere/mude/mexa/modifique/escreva
`);

/** Verbs that change something. */
export const CHANGE: Phrases = phrases(`
  add, append, adjust, adapt, apply, bump, change, clean, cleanup, rm, convert, correct, create, declutter, decouple, dedupe
  deduplicate, delete, deprecate, drop, edit, enable, disable, eliminate, enforce, ensure, extend, extract, factor, fill, finish
  complete, fix, hotfix, generate, get rid, handle, hardcode, hook, implement, improve, include, inline, insert, integrate, introduce
  make, mend, merge, migrate, mock, modify, modernize, move, optimise, optimize, parametrise, parametrize, patch, polish, port, prevent
  put, reduce, refactor, reformat, reimplement, remove, rename, reorder, reorganise, reorganize, repair, replace, resolve, restore
  restructure, revert, rewrite, reword, rework, scaffold, set, simplify, solve, sort out, sort, speed, split, strip, stub, support, swap
  switch, throw, tidy, toggle, translate, transform, tweak, undo, unify, update, upgrade, use, validate, wrap, wire, write, turn, bring
  cache, debug, refine, rip, document, annotate, localize, internationalize, style, center, align, resize, hide, increase, decrease
  cover, expose, register, secure, harden, sanitize, escape, memoize, paginate, dockerise, dockerize, containerise, containerize, code
  program, prepend, deal with, kill off, save, store, log, export, develop, do it, do that, go ahead, proceed, continue, set up, setup
  initialise, initialize, init, configure, bootstrap, draft, provide, format, upload
  comment > out/on/the/all/every/this/that/each/code/NAME/CODE/FILE/it/in, build a/an/me/new/out/some/us, build the new
  build it with/using/in/as, read > ... from/instead

  andere, andern, ander, abandern, fuge, hinzufugen, hinzu, erganze, erganzen, schreib+e, schreiben, schreibst, umschreiben, erstelle
  erstellen, erstell, erzeuge, erzeugen, lege, anlegen, losche, loschen, losch, entferne, entfernen, ersetze, ersetzen, benenne
  umbenennen, umbenenne, behebe, beheben, behebst, repariere, reparieren, reparier, korrigiere, korrigieren, verbessere, verbessern
  optimiere, optimieren, refaktoriere, refaktorieren, refactore, refactoren, implementiere, implementieren, mach+e, machen, verschiebe
  verschieben, aktualisiere, aktualisieren, anpassen, passe, umstellen, stelle, umwandeln, wandle, konvertiere, konvertieren
  vereinfache, vereinfachen, baue, einbauen, bau, fixe, fixen, bearbeite, bearbeiten, ubersetze, ubersetzen, migriere, migrieren
  portiere, formatiere, formatieren, aufraumen, raume, setze, setzen, andre, teile, aufteilen, auslagern, lagere, dokumentiere
  kommentiere, los, losen, generiere, generieren, sorge, nutze, verwende statt, verwende, entwickle, entwickeln, programmiere
  programmieren, kurze, kurzen, sortiere

  ajoute+r+s+z, ajoutes, cree+r+s+z, creez, ecris, ecrire, ecrivez, modifie+r+s+z, change+r+s+z, corrige+r+s+z, supprime+r+s+z
  efface+r+s+z, enleve+r+s+z, remplace+r+s+z, renomme+r+s+z, repare+r+s+z, refactorise+r+s+z, implemente+r+s+z, fais, faire, mets
  mettre, deplace+r+s+z, convertis, convertir, traduis, traduire, ameliore+r+s+z, optimise+r+s+z, simplifie+r+s+z, extrais, extraire
  retire+r+s+z, genere+r+s+z, migre+r+s+z, reecris, reecrire, adapte+r+s+z, documente+r+s+z, nettoie, nettoyer, formate+r+s+z
  developpe+r+s+z, resous, resoudre, gere+r+s+z, utilise+r+s+z, rends, rendre, passe+r+z, decoupe+r+s+z

  anade, anadir, agrega, agregar, agregues, crea, crear, crees, escribe, escribir, modifica, modificar, cambia, cambiar, cambies
  corrige, corregir, arregla, arreglar, arregles, elimina, eliminar, borra, borrar, quita, quitar, reemplaza, reemplazar, sustituye
  renombra, renombrar, repara, reparar, refactoriza, refactorizar, implementa, implementar, haz, hacer, haga, pon, poner, mueve, mover
  convierte, convertir, traduce, traducir, mejora, mejorar, optimiza, optimizar, simplifica, simplificar, extrae, extraer, genera
  generar, migra, migrar, actualiza, actualizar, reescribe, reescribir, soluciona, solucionar, resuelve, resolver, documenta, documentar
  formatea, limpia, limpiar, usa, divide, separa, valida, desarrolla

  adicione, adicionar, adiciona, acrescente, acrescentar, inclua, incluir, criar, crie, cria, escreva, escrever, escreve, modifique
  modificar, mude, mudar, muda, altere, alterar, altera, corrija, corrigir, corrige, conserte, consertar, conserta, remova, remover
  remove, apague, apagar, apaga, exclua, excluir, delete, deletar, substitua, substituir, troque, trocar, troca, renomeie, renomear
  renomeia, refatore, refatorar, refatora, implemente, faca, fazer, faz, coloque, colocar, coloca, mova, converta, converter, traduza
  traduzir, melhore, melhorar, otimize, otimizar, simplifique, simplificar, extraia, extrair, gere, gerar, migre, atualize, atualizar
  atualiza, reescreva, reescrever, resolva, arrume, arrumar, arruma, ajuste, ajustar, documente, formate, limpe, use, separe, valide
  desenvolva
`);

/** Verbs of change as the first words say them too. */
export const CHANGING: Phrases = phrases(
  `changing, adding, removing, renaming, fixing, using, moving, splitting, writing, making, updating, replacing`,
);
