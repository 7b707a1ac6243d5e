"""What binds us or asks for a secret: never said without a source, in six languages.

A sentence that states no fact needs no source, and a model decides itself which of its
sentences are such. So whatever the model calls it: that money comes back, that
something is approved, cancelled, replaced or free, and "send us your password" do not
pass as politeness. Questions, conditions and the customer's own words commit nobody.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re

from sidecar.safety.plain_view import plain_view

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE_END = re.compile(r"\s*[,;:()]\s+|\s[-\u2013\u2014]\s")

# Verbs by which we give, take back or destroy something, as the languages inflect them.
_DO = {
    "en": r"refund(?:ed|ing)?|reimburs(?:e|ed|ing)|compensat(?:e|ed|ing)|credit(?:ed|ing)?|replac(?:e|ed|ing)|"
    r"cancel(?:l?ed|l?ing)?|delet(?:e|ed|ing)|eras(?:e|ed|ing)|waiv(?:e|ed|ing)|approv(?:e|ed|ing)|grant(?:ed|ing)?|"
    r"repa(?:y|id|ying)|revers(?:e|ed) (?:the|your)|terminat(?:e|ed|ing)|exchang(?:e|ed|ing)|"
    r"(?:pay|paid|paying|giv(?:e|en|ing)|return(?:ed|ing)?|send|sent|sending|transfer(?:red|ring)?|issu(?:e|ed|ing)) (?:you |back )?(?:(?:all|the|your|a|an|full|new|free|of|back|whole|entire) ){0,4}"
    r"(?:money|refund|payment|amount|price|replacement|voucher|discount|credit|compensation|fee|free)",
    "de": r"(?:zurück)?(?:erstatte[nt]?|gezahlt|zahlen|überwiesen|überweisen)|rückerstattet|storniere?[nt]|kündigen|gekündigt|lösch(?:en|t)|gelöscht|"
    r"ersetz(?:en|t)|umtauschen|umgetauscht|tauschen|getauscht|gutschreiben|gutgeschrieben|genehmig(?:en|t)|bewillig(?:en|t)|entschädig(?:en|t)|"
    r"erlassen|schenken|geschenkt",
    "fr": r"rembours\w+|annul\w+|remplac\w+|remplaç\w+|supprim\w+|effac\w+|dédommag\w+|indemnis\w+|crédit(?:er|é\w*|ons|erons)|approuv\w+|"
    r"accord(?:er|é\w*|ons|erons)|échange(?:r|ons|rons)|offr\w+|offert\w*|résili\w+|restitu\w+|vers(?:er|é\w*|ons|erons)",
    "es": r"reembols\w+|cancel\w+|anul\w+|reemplaz\w+|sustitu\w+|compens\w+|indemniz\w+|aprob\w+|aprueb\w+|elimin\w+|borr(?:ar|ad|a)\w*|abon(?:ar|ad)\w*|"
    r"devolv\w+|devuel\w+|acredit\w+|regal\w+|conced\w+",
    "pt": r"reembols\w+|cancel\w+|anul\w+|substitu\w+|compens\w+|indemniz\w+|indeniz\w+|aprov\w+|elimin\w+|apag(?:ar|ad|á)\w*|exclu[ií]\w+|"
    r"devolv\w+|estorn\w+|credit\w+|ofere[cç]\w+|conced\w+",
    "it": r"rimbors\w+|annull\w+|cancell\w+|sostitui\w+|risarc\w+|compens\w+|approv\w+|elimin\w+|accredit\w+|restitui\w+|storn(?:ar|at|er)\w+|"
    r"regal\w+|conced\w+|concess\w+",
}  # fmt: skip
_BACK = {
    "en": r"refund|replacement|compensation|reimbursement|money|payment|credit|voucher|discount",
    "de": r"(?:rück)?erstattung|geld|ersatz\w*|gutschrift|gutschein|entschädigung|rabatt|betrag",
    "fr": r"remboursement|argent|remplacement|avoir|bon d['’]achat|indemnisation|dédommagement|remise|montant",
    "es": r"reembolso|dinero|reemplazo|sustitución|abono|vale|compensación|descuento|importe|devolución",
    "pt": r"reembolso|dinheiro|substituição|crédito|vale|compensação|indemnização|desconto|valor|estorno",
    "it": r"rimborso|denaro|soldi|sostituzione|accredito|buono|risarcimento|sconto|importo",
}

_STATED = re.compile(
    "|".join(
        (
            # English: we will refund, your refund has been approved
            (
                r"\b(?:we|I|they|our \w+|(?:the|my|our) (?:\w+ )?(?:team|colleagues?))(?: ?['’](?:ll|ve|re|m)| will| have| has| is| can| shall| are going to| are| am| would)?"
                r" (?:(?:now|just|already|also|of course|gladly|happy to|glad to|able to|been able to|hereby|both|\w+ly) ){0,4}"
                rf"(?:{_DO['en']})\b"
            ),
            (
                r"\b(?:your|the|a|this|that|full|any|all|it|everything)\b(?: [\w'’-]+){0,5}? (?:has|have|was|were|is|are|will|can|shall)(?: (?:be|been|being|now|already|also|just|fully|hereby|\w+ly)){0,3} "
                r"(?:approved|refunded|returned|reimbursed|cancell?ed|credited|replaced|deleted|erased|waived|granted|issued|compensated|terminated|repaid|paid (?:back|out)|sent back|on its way to your (?:account|card|bank)|covered by)\b"
            ),
            (
                rf"(?<!did )(?<!do )\byou(?:['’](?:ll|re)| will| can| may| are going to| shall)? (?:(?:now|also|of course|soon|\w+ly|be) ){{0,2}}(?:get|receive|have|given|refunded|reimbursed|credited|compensated|paid|repaid)"
                rf"(?: (?!(?:not|no|any|asked|a question|problems?)\b)[\w'’-]+){{0,4}}? (?:{_BACK['en']})\b"
            ),
            r"\byou(?:['’](?:ll|re)| will| are going to) (?:be )?(?:\w+ly )?(?:refunded|reimbursed|credited|compensated|repaid)\b",
            r"\b(?:may|can) keep (?:the|your|this)\b",
            r"\b(?:refund|cancellation|replacement|return|claim) (?:is )?(?:approved|granted|confirmed)\b|\bmoney back\b",
            # German
            rf"\b(?:wir|ich)\b[^.!?,;:]{{0,80}}\b(?:{_DO['de']})\b|\b(?:{_DO['de']})\s+(?:wir|ich)\b",
            rf"\b(?:wurden?|wird|werden|ist|sind)\b[^.!?,;:]{{0,80}}\b(?:{_DO['de']}|freigegeben|übernommen)\b",
            rf"\bSie (?:bekommen|erhalten|kriegen)\b[^.!?,;:]{{0,60}}\b(?:{_BACK['de']})\b|\b(?:bekommen|erhalten) Sie\b[^.!?,;:]{{0,60}}\b(?:{_BACK['de']})\b",
            r"\bSie (?:können|dürfen)\b[^.!?,;:]{0,40}\bbehalten\b",
            # French
            (
                r"\b(?:nous|on|je|j['’])\s?(?:(?:vous|le|la|les|l['’]|avons|allons|pouvons|venons|de|bien|déjà|ai|vais|peux|sommes|aussi|\w+ment)\s?){0,5}\b"
                rf"(?:{_DO['fr']})\b"
            ),
            rf"\b(?:votre|vos|le|la|les)\b(?: [\w'’-]+){{1,5}}? (?:a été|ont été|est|sont|sera|seront|va être)(?: (?:bien|déjà|\w+ment)){{0,2}} (?:{_DO['fr']})\b",
            rf"\bvous (?:serez|êtes|allez être|avez été)(?: \w+ment)? (?:{_DO['fr']})\b|\bvous (?:recevrez|recevez|aurez|obtiendrez|récupérerez)(?: [\w'’-]+){{0,4}}? (?:{_BACK['fr']})\b",
            # Spanish
            rf"\b(?:hemos|vamos a|podemos|podremos|le|les|te|se|lo|la)(?: (?:le|les|ya|también|\w+mente)){{0,2}} (?:{_DO['es']})\b",
            r"\b(?:reembols|cancel|anul|reemplaz|compens|indemniz|aprob|elimin|borr|abon|acredit)a(?:remos|mos|ré)\b|\b(?:sustitui|devolve|concede)(?:remos|mos|ré)\b",
            rf"\b(?:su|el|la|tu|los|las|sus)\b(?: [\w-]+){{1,5}}? (?:ha sido|han sido|fue|fueron|está|están|será|serán)(?: (?:ya|\w+mente)){{0,2}} (?:{_DO['es']})\b",
            rf"\b(?:recibirá|recibe|obtendrá|tendrá)(?: [\w-]+){{0,4}}? (?:{_BACK['es']})\b|\bpuede quedarse con\b",
            # Portuguese
            rf"\b(?:vamos|iremos|podemos|poderemos|já|lhe|nós)(?: (?:lhe|já|também|\w+mente)){{0,2}} (?:{_DO['pt']})\b",
            r"\b(?:reembols|cancel|anul|compens|indemniz|indeniz|aprov|elimin|apag|estorn|credit)a(?:remos|mos|rei)\b|\b(?:substitui|devolve|concede|oferece)(?:remos|mos|rei)\b",
            rf"\b(?:o|a|seu|sua|os|as)\b(?: [\w-]+){{1,5}}? (?:foi|foram|está|estão|será|serão)(?: (?:já|\w+mente)){{0,2}} (?:{_DO['pt']})\b",
            rf"\b(?:receberá|recebe|obterá|terá)(?: [\w-]+){{0,4}}? (?:{_BACK['pt']})\b|\bpode ficar com\b",
            # Italian
            rf"\b(?:abbiamo|stiamo per|possiamo|potremo|le|vi|ti|lo|la)(?: (?:già|anche|\w+mente)){{0,2}} (?:{_DO['it']})\b",
            r"\b(?:rimbors|annull|cancell|approv|elimin|accredit|compens)(?:eremo|iamo|erò)\b|\b(?:sostitu|risarc|restitu)(?:iremo|iamo|irò)\b",
            rf"\b(?:il|la|l['’]|suo|sua|i|le)\b ?(?:[\w'’-]+ ){{1,5}}?(?:è stat[oa]|sono stat[ie]|è|sarà|saranno|viene|verrà)(?: (?:già|\w+mente)){{0,2}} (?:{_DO['it']})\b",
            rf"\b(?:riceverà|riceve|otterrà|avrà)(?: [\w'’-]+){{0,4}}? (?:{_BACK['it']})\b|\bpuò tenere (?:il|la|l['’])",
        )
    ),
    re.IGNORECASE,
)
# Bind us in a question as well: "Would you like the refund that you are entitled to?"
_ALWAYS = re.compile(
    r"\b(?:free of charge|for free\b|at no (?:\w+ )?(?:cost|charge)|without (?:any )?(?:charge|cost)|"
    r"(?:you are|you['’]re) entitled to|(?:do not|don['’]t|need not|won['’]t|will not|never) (?:have to |need to |be )?(?:pay|charged)\b|owe (?:us )?nothing|"
    r"we (?:promise|guarantee)|"
    r"kostenlos|kostenfrei|gratis|ohne (?:zusätzliche )?kosten|haben (?:sie )?(?:einen )?anspruch auf|nichts (?:zu )?(?:be)?zahlen|wir (?:versprechen|garantieren)|"
    r"gratuitement|sans (?:aucun )?frais|à titre gratuit|avez droit à|n['’](?:avez|aurez) rien à payer|nous (?:promettons|garantissons)|"
    r"sin (?:ningún )?(?:coste|costo|cargo)s?|gratuitamente|tiene (?:usted )?derecho a|no (?:tiene|tendrá) que pagar|(?:prometemos|garantizamos)|"
    r"grátis|sem (?:quaisquer )?(?:custos?|encargos)|tem direito a|não (?:precisa|tem|terá) (?:de |que )?pagar|garantimos|"
    r"senza (?:alcun )?(?:costi|costo|spese)|ha diritto a|non (?:deve|dovrà) pagare|(?:promettiamo|garantiamo))\b",
    re.IGNORECASE,
)
# Conditions and reports of what the customer says: the clause behind them is no promise.
_UNSTATED = re.compile(
    r"\b(?:whether|if|unless|once|as soon as|before|until|in case|when|why|how)\s+(?=(?:we|I|you|your|the|a|any|our|this)\b)[^.!?,;:]{0,120}"
    r"|\byou(?:['’]ve| have| would| want| wish| are)?\s?(?:writ\w+|wrote|said|say|report\w*|mention\w*|told us|tell us|asked|ask|asking|request\w*|expect\w*|want\w*|like|wish)\b(?:(?!\b(?:and|but)\b)[^.!?,;:]){0,120}"
    r"|\b(?:request|wish|question|ask\w*) (?:to|for|about)\b(?:(?!\b(?:and|but)\b)[^.!?,;:]){0,80}"
    r"|\b(?:ob|wenn|falls|sobald|bevor|bis)\s+(?=(?:wir|ich|Sie|Ihre?n?|die|der|das|ein\w*|eine)\b)[^.!?,;:]{0,120}"
    r"|\b(?:si|dès que|avant que|lorsque)\s+(?=(?:nous|vous|votre|le|la|les|un|une|on)\b)[^.!?,;:]{0,120}"
    r"|\b(?:si|cuando|en cuanto|antes de que)\s+(?=(?:le|su|el|la|se|podemos|ya|un|una|hemos)\b)[^.!?,;:]{0,120}"
    r"|\b(?:se|quando|assim que)\s+(?=(?:o|a|seu|sua|podemos|lhe|já|um|uma)\b)[^.!?,;:]{0,120}"
    r"|\b(?:se|quando|non appena)\s+(?=(?:il|la|possiamo|le|l['’]|un|una|suo|sua)\b)[^.!?,;:]{0,120}",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:would|could|can|shall|should|do|does|did|has|have|is|are|was|were|will|when|what|which|how|why|who|where|"
    r"möchten|sollen|können|haben|hat|ist|sind|wurden?|wird|wann|was|welche\w*|wie|warum|wer|wo|"
    r"voulez|souhaitez|pouvez|avez|est-ce|quand|quel\w*|comment|pourquoi|qui|où|"
    r"quiere|desea|puede|ha|han|cuándo|cuando|qué|cuál|cómo|quién|dónde|"
    r"quer|gostaria|deseja|pretende|pode|foi|quando|que|qual|como|quem|onde|vuole|desidera|può|è|che|quale|come|chi|dove)\b[^.!]*\?\W*$",
    re.IGNORECASE,
)
_KNOWS = re.compile(
    r"\b(?:know|aware|heard|wissen|wussten|savez|saviez|sabe|sabía|sabia|sapeva|sa che)\b",
    re.IGNORECASE,
)

_SECRET = (
    r"(?:pass ?(?:words?|codes?|phrases?)|PINs?|card (?:number|details|data)|(?:credit|debit|bank) ?card(?: number| details)?|(?:security|verification|one[- ]time|login|access|2FA|confirmation|SMS) (?:codes?|passwords?|data|details)|"
    r"CVV|CVC|OTPs?|TANs?|login|credentials|(?:bank )?account number|bank details|(?:API|private|secret|licen[cs]e) keys?|seed phrase|social security number|"
    r"pass(?:wort|wörter)|kennw[oö]rt\w*|(?:kredit)?karten(?:nummer|daten)|sicherheitscode|prüf(?:nummer|ziffer)|einmal(?:code|passwort|kennwort)|bestätigungscode|zugangsdaten|anmeldedaten|"
    r"mots? de passe|code (?:pin|de sécurité|de vérification|à usage unique|secret)|numéro de (?:votre |la )?carte|cryptogramme|identifiants|"
    r"contraseñas?|(?:número|datos) de (?:su |la |tu )?tarjeta|código (?:pin|de seguridad|de verificación|de un solo uso)|clave (?:secreta|de acceso)|su clave|credenciales|"
    r"senhas?|palavras?-passe|(?:número|dados) do (?:seu )?cartão|código (?:de segurança|de verificação|de uso único)|credenciais|"
    r"numero (?:della|di) (?:sua )?carta|codice (?:pin|di sicurezza|di verifica|monouso)|credenziali)"
)
_BETWEEN = (
    r"(?:[ ,:\"'’(]+(?!(?:that|whether|if|when|where|how|why|before|after|since|reset\w*|chang\w+|forgot\w*|screenshots?|photos?|page|link|error|message|without|dass|ob|wenn|ohne|sans|sin|sem|senza|"
    r"never|not|no|pas|kein\w*|nie\w*|nunca|não|non|mai|jamais|screenshot|capture|captura|schermata)\b)[\w-]+){0,9}?[ ,:\"'’(]+"
)
_SEND = (
    r"(?:(?:send|e?-?mail|text|forward|give|tell|show|read)(?! you\b)|(?:reply|respond|answer|write back|come back)(?: to \w+)?(?: \w+){0,3}? (?:with|stating|including)|share|provide|submit|supply|enclose|include|state|disclose|let us (?:know|have)|confirm|"
    r"what(?: is|['’]s)|(?:we|I)(?: \w+)? (?:need|require)|"
    r"send(?:en|e|et)|schick(?:en|e|t)|nennen|teilen|geben|mitteilen|übermitteln|antworten|verraten|bestätigen|wie lautet|wie ist|(?:wir|ich) (?:brauchen?|benötigen?)|brauchen wir|benötigen wir|"
    r"(?<!vous )(?:envoye[zr]|donne[zr]|communique[zr]|indique[zr]|transmett(?:ez|re)|répond(?:ez|re)|confirme[zr]|fourni(?:r|ssez)|partage[zr]|dites|quel est|quels sont|(?:nous avons|j['’]ai) besoin)|"
    r"env[ií](?:e|ar)\w*|mand(?:e|ar)\w*|d[íi]ga\w*|dar?nos|facilit\w+|proporcion\w+|ind[ií](?:que|car)\w*|respond[ae]\w*|confirm[ea]\w*|compart[ai]\w*|cuál es|necesitamos|"
    r"forne[cç]\w+|inform[ea]\w*|partilh\w+|compartilh\w+|qual é|precisamos|"
    r"invi[ai]\w*|dica|dirci|comunic\w+|fornis\w+|fornir\w+|indic\w+|rispond[ae]\w*|conferm\w+|condivid\w+|qual è|ci serv\w+)"
)
_ASKED = re.compile(
    rf"\b{_SEND}(?:-nos|-me|[ ]+(?:us|me|uns|mir|nous|nos|ci))?{_BETWEEN}{_SECRET}\b"
    rf"|\b(?:enter|type|write){_BETWEEN}{_SECRET}\b[^.!?]{{0,60}}\b(?:here|below|(?:in|to|by) (?:your|this|the|a)? ?(?:reply|answer|message|e?-?mail))\b"
    rf"|\b(?:dar|env[ií]\w+|dígan|díga)nos\b{_BETWEEN}{_SECRET}\b"
    rf"|\b{_SECRET}\b(?:[ ,]+(?!(?:nicht|nie\w*|kein\w*|niemand\w*|zurück\w*|neu\w*)\b)[\w-]+){{0,8}}?[ ,]+(?:senden|schicken|mitteilen|nennen|angeben|übermitteln|(?:is|are) (?:needed|required)(?! to\b))\b",
    re.IGNORECASE,
)
# Asked not to be sent. "Do not hesitate to send" is none of these.
_WARNED = re.compile(
    r"\b(?:(?:do not|don['’]t|never|must not|should not|shouldn['’]t)(?: ever)?(?: (?:reply|send|share|tell|give|provide|include|e?-?mail|forward|show|submit|disclose|enter|confirm|ask|asked?))(?: (?:you )?(?:for|to))?|"
    r"never (?:ask|need|require)|"
    r"ne (?:pas|jamais)(?: nous)? \w+|n['’]envoyez (?:pas|jamais)|ne (?:nous )?\w+ (?:pas|jamais)|no (?:nos )?(?:env[ií]e|comparta|mande|facilite|indique|dé)\w*|nunca (?:nos )?\w+|não (?:nos )?\w+|non (?:ci )?(?:invi|condivid|comunic|mand)\w*|non (?:\w+ )?mai)\b[^.!?;:]{0,100}"
    r"|\b(?:send|schick|teil|nenn|geb)\w+ sie (?:uns |mir )?(?:bitte )?(?:nie\w*|kein\w*|nicht)\b[^.!?;:]{0,100}",
    re.IGNORECASE,
)


def commits(text: str) -> bool:
    """Say whether a text says that the customer gets, or we do, something binding."""
    for sentence in _SENTENCE_END.split(plain_view(text).text):
        if _ALWAYS.search(sentence):
            return True
        if _ASKS.search(sentence) and not _KNOWS.search(sentence):
            continue
        clauses = _CLAUSE_END.split(_UNSTATED.sub(" ", sentence))
        if any(_STATED.search(clause) for clause in clauses):
            return True
    return False


def asks_for_secrets(text: str) -> bool:
    """Say whether a text wants a password, PIN, card number or code to be told."""
    sentences = _SENTENCE_END.split(plain_view(text).text)
    return any(_ASKED.search(_WARNED.sub(" ", sentence)) for sentence in sentences)
