/**
 * How a finished piece of work is told in German, French, Spanish, Portuguese and Chinese: the commonest plain forms, in the first person or
 * the passive. English, which has more of them, stands in `claims.ts`. What is not in the tables is no claim.
 */

/** Of one language. */
export interface ClaimWords {
  /** A sentence with one of these claims nothing: negations, conditions, wishes, plans. */
  readonly hedged: RegExp;
  /** Files of the sentence were changed. */
  readonly changed: RegExp;
  readonly passes: RegExp;
  readonly mended: RegExp;
  readonly ran: RegExp;
}

/** Whole words, of any alphabet that has spaces. */
const words = (text: string) => new RegExp(`(?<![\\p{L}\\d_])(?:${text})(?![\\p{L}\\d_])`, "iu");
/** At most this much stands between the parts of a form. */
const GAP = "[^.;:!?]{0,80}?";

const GERMAN_DONE =
  "erstellt|angelegt|hinzugefügt|geändert|aktualisiert|bearbeitet|angepasst|korrigiert|umbenannt|gelöscht|entfernt|geschrieben|implementiert|eingefügt|überarbeitet|ersetzt";
const FRENCH_DONE =
  "créée?s?|ajoutée?s?|modifiée?s?|corrigée?s?|supprimée?s?|renommée?s?|écrite?s?|mise?s? à jour|implémentée?s?|remplacée?s?";
const SPANISH_DONE =
  "cread[oa]s?|añadid[oa]s?|agregad[oa]s?|modificad[oa]s?|actualizad[oa]s?|corregid[oa]s?|eliminad[oa]s?|renombrad[oa]s?|escrit[oa]s?|implementad[oa]s?";
const PORTUGUESE_DONE =
  "criad[oa]s?|adicionad[oa]s?|modificad[oa]s?|alterad[oa]s?|atualizad[oa]s?|corrigid[oa]s?|removid[oa]s?|renomead[oa]s?|escrit[oa]s?|implementad[oa]s?";

export const CLAIM_WORDS: readonly ClaimWords[] = [
  {
    hedged: words(
      "nicht|nichts|kein\\w*|nie|ohne|wenn|falls|ob|sobald|bevor|soll\\w*|könnte\\w*|würde\\w*|werde|werden|wird|muss|müssen|müsste\\w*|kann|können|bitte|damit|um|bereits|schon|noch|versucht|fast|teilweise|du|sie haben|fehlgeschlagen|fehlschlagen|wer|der nutzer",
    ),
    changed: words(
      `(?:ich habe|wir haben|habe ich) ${GAP}(?:${GERMAN_DONE})|(?:wurden?|sind|ist) ${GAP}(?:${GERMAN_DONE})`,
    ),
    passes: words(
      `(?:alle )?(?:unit-?)?(?:tests?|prüfungen) ${GAP}(?:bestanden|bestehen|erfolgreich|grün|laufen durch|durchgelaufen)`,
    ),
    mended: words(
      `(?:fehler|bug|problem|test) (?:wurde|ist) ${GAP}(?:behoben|gelöst|repariert|korrigiert)|ich habe ${GAP}(?:behoben|gelöst|repariert)`,
    ),
    ran: words(
      `ich habe ${GAP}(?:tests?|skript|programm|befehl) ${GAP}(?:ausgeführt|laufen lassen|gestartet)`,
    ),
  },
  {
    hedged: words(
      "ne|n['’]\\p{L}+|pas|jamais|sans|aucune?|si|lorsque|quand|avant|devrait|devraient|pourrait|pourraient|vais|allons|va|doit|doivent|peut|peux|pouvez|veuillez|afin|pour|déjà|presque|essayé|échoue\\p{L}*|vous|tu|qui",
    ),
    changed: words(`(?:j['’]ai|nous avons) ${GAP}(?:${FRENCH_DONE})|(?:a|ont) été ${GAP}(?:${FRENCH_DONE})`),
    passes: words(
      `(?:tests?|vérifications?) ${GAP}(?:passent|passe|réussissent|réussis|réussi|sont verts|ont réussi)`,
    ),
    mended: words(
      `(?:bug|problème|erreur|bogue|test) (?:a été|est) ${GAP}(?:corrigée?|résolue?|réparée?)|j['’]ai ${GAP}(?:corrigé|résolu|réparé)`,
    ),
    ran: words(`j['’]ai (?:exécuté|lancé) (?:les |le |tous les )?(?:tests?|script|programme|commande)`),
  },
  {
    hedged: words(
      "no|ni|nunca|sin|ningun[oa]?|ningún|si|cuando|antes|debería\\p{L}*|podría\\p{L}*|voy|vamos|va|debe\\p{L}*|puede\\p{L}*|por favor|para|ya|casi|intent\\p{L}+|falla\\p{L}*|usted|tú|que",
    ),
    changed: words(
      `(?:he|hemos) ${GAP}(?:${SPANISH_DONE})|(?:se ha|se han|ha sido|han sido|fue|fueron) ${GAP}(?:${SPANISH_DONE})|(?:creé|añadí|agregué|modifiqué|actualicé|corregí|eliminé|escribí)`,
    ),
    passes: words(`(?:pruebas?|tests?) ${GAP}(?:pasan|pasa|pasaron|pasado|exitosas|verde)`),
    mended: words(
      `(?:error|fallo|bug|problema) (?:ha sido|fue|está|se ha) ${GAP}(?:corregido|resuelto|solucionado|arreglado)|he ${GAP}(?:corregido|resuelto|solucionado|arreglado)`,
    ),
    ran: words(
      `(?:he ejecutado|ejecuté) (?:las |los |el |todas las )?(?:pruebas?|tests?|script|programa|comando)`,
    ),
  },
  {
    hedged: words(
      "não|nem|nunca|sem|nenhum\\p{L}*|se|quando|antes|deveria\\p{L}*|poderia\\p{L}*|vou|vamos|vai|deve\\p{L}*|pode\\p{L}*|por favor|para|já|quase|tent\\p{L}+|falha\\p{L}*|você|que",
    ),
    changed: words(
      `(?:criei|adicionei|modifiquei|alterei|atualizei|corrigi|removi|renomeei|escrevi|implementei)|(?:foi|foram) ${GAP}(?:${PORTUGUESE_DONE})`,
    ),
    passes: words(`(?:testes?) ${GAP}(?:passam|passa|passaram|passou|verdes)`),
    mended: words(
      `(?:erro|bug|problema|falha) foi ${GAP}(?:corrigid[oa]|resolvid[oa]|consertad[oa])|(?:corrigi|resolvi|consertei)`,
    ),
    ran: words(`(?:executei|rodei) (?:os |o |todos os )?(?:testes?|script|programa|comando)`),
  },
  {
    hedged:
      /没|不|未|如果|若|应该|应当|可以|可能|将|会|请|需要|必须|要|吗|是否|为了|之前|尝试|失败|你|您|他|谁/u,
    changed:
      /已(?:经)?(?:成功)?(?:创建|新建|添加|增加|修改|更新|编辑|删除|移除|重命名|写入)|(?:创建|新建|添加|增加|修改|更新|编辑|删除|移除|重命名|写入|写|改)了/u,
    passes: /(?:测试|检查)[^。；：！？]{0,20}(?:通过|成功)/u,
    mended: /(?:已(?:经)?(?:成功)?(?:修复|修正|解决)|(?:修复|修正|解决)了)/u,
    ran:
      /(?:运行|执行)了[^。；：！？]{0,20}(?:测试|脚本|程序|命令)|已(?:经)?(?:运行|执行)[^。；：！？]{0,20}(?:测试|脚本|程序|命令)/u,
  },
];
