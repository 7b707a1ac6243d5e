"""What injected instructions look like, by family.

Sorted by what the text tries to do, not by wording. A family's weight is how sure one
hit makes us; families multiply, several hits of one family do not.

Told from harmless look-alikes by their object: "ignore the warning" is a question
about software, "ignore the instructions above" is one about the reader's orders.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re

from sidecar.safety.suspicion_tasks import TASKS

# What a machine was told, in six languages; never what software shows to people.
_ORDERS = (
    r"(?:instruct?ions?|instructio|prompts?|directives?|orders?|commands?|guidelines|"
    r"guidance|programming|assignments?|tasks?|anweisung\w*|instruktion\w*|vorgaben?|"
    r"befehle?n?|auftr[äa]ge?n?|aufgaben?|angaben?|ausf[üu]hrungen|"
    r"consignes?|directives?|ordres?|t[âa]ches?|"
    r"instrucci[oó]n(?:es)?|[óo]rdenes|indicaciones|instruç(?:ão|ões)|instrucoes|"
    r"ordens|comandos|istruzion[ei]|ordini|direttive|comandi|instrukcije|инструкции)"
)
_EARLIER = (
    r"(?:previous|prior|above|earlier|preceding|initial|original|existing|foregoing|"
    r"vorherig\w*|vorangehend\w*|vorangegangen\w*|bisherig\w*|obig\w*|fr[üu]her\w*|"
    r"vorig\w*|bestehend\w*|urspr[üu]nglich\w*|"
    r"pr[ée]c[ée]dente?s?|ant[ée]rieure?s?|ci-dessus|initiales?|"
    r"anterior(?:es|i)?|previ[ao]s?|iniciales|de arriba|acima|pr[ée]vias?|iniciais|"
    r"precedenti|sopra)"
)
_DROP = (
    r"(?:ignor(?:e|ing|er|ez|iere?n?|iert|a|ar|ad|en|are|ate|i)|disregard(?:ing)?|"
    r"forget(?:ting)?|override|overrule|bypass|discard|abandon|drop|vergiss|vergessen|"
    r"missachte\w*|oublie[rz]?|olvid[aeo]\w{0,2}|esque[cç]\w{1,4}|desconsidere|"
    r"dimentica\w{0,2}|scorda|zaboravi|забудьте|"
    r"(?:leave|lassen sie|lasse) (?=.{0,40}(?:behind|hinter))|"
    r"(?:remove|streich\w*|entfern\w*) (?=.{0,60}(?:head|mind|kopf)))"
)
_ALL = r"(?:all(?:e[srn]?)?|any|every|the|your|these|those|my|of|tou[st]e?s?|tod[ao]s?|tutt[ei]|as|os|die|den|dein\w*|ihr\w*|sve|les|las|los|le|tus|sus|vos|tes|все|got|you)"
_WHAT_YOU_SAY = (
    r"(?:prompt[ _-]?texts?|prompts?|system (?:prompt|message|instructions?)|"
    r"(?:initial|hidden|secret|original|internal) (?:instructions?|prompt|rules)|"
    r"system-?prompt\w*|systemanweisung\w*|prompt-?text\w*|"
    r"(?:instructions?|prompt|invite|message) (?:du |de )?syst[èe]me|"
    r"(?:instrucciones|prompt|mensaje) (?:del |de )?sistema|"
    r"(?:instruções|prompt|mensagem) (?:do |de )?sistema|"
    r"(?:istruzioni|prompt|messaggio) (?:del |di )?sistema)"
)
_SHOW = (
    r"(?:reveal|print|show|repeat|output|display|give|tell|send|dump|leak|copy|write|"
    r"include|paste|what (?:is|are|was|were)|zeig\w*|nenn\w*|gib|wiederhol\w*|"
    r"verrat\w*|vorzeig\w*|ausgeb\w*|schreib\w*|montre\w*|affiche\w*|r[ée]p[èe]te\w*|"
    r"donne\w*|r[ée]v[èe]le\w*|muestra\w*|mu[ée]str\w*|revel\w*|repit\w*|repet\w*|"
    r"mostr\w*|imprim\w*|rivela\w*|ripeti|stampa|dammi)"
)
_ANSWER = r"(?:response|reply|replies|answer|output|message|draft)"

# Family; letters of which some must occur before the pattern is worth a look; how sure
# a hit makes us; the pattern.
FAMILIES: tuple[tuple[str, str, float, str], ...] = (
    # --- overriding what the machine was told
    (
        "override",
        (
            "ignor|disregard|forget|overr|bypass|discard|abandon|drop|vergiss"
            "|vergess|missacht|oubli|olvid|esque|desconsidere|dimentica|scorda"
            "|zaboravi|забудьте|leave|lass|remove|streich|entfern"
        ),
        0.85,
        (
            rf"\b{_DROP}\s+(?:about\s+)?(?:{_ALL}\s+){{0,4}}(?:{_EARLIER}\s+)?{_ORDERS}"
            rf"(?:\s+(?:{_EARLIER}|you|so far|given|de arriba|ci-dessus|before))?\b"
            r"(?!\s+(?:key|line|prompt|window|button|history|number|confirmation|manual|page))"
        ),
    ),
    (
        "override",
        (
            "ignor|disregard|forget|overr|bypass|discard|abandon|drop|vergiss"
            "|vergess|missacht|oubli|olvid|esque|desconsidere|dimentica|scorda"
            "|zaboravi|забудьте|leave|lass|remove|streich|entfern"
        ),
        0.85,
        (
            rf"\b{_DROP}\s+(?:{_ALL}\s+){{0,4}}{_EARLIER}\s+(?:{_ALL}\s+){{0,2}}"
            r"(?:\w+\s+)?(?:informationen|information|text|rules|conversation|"
            r"context|content|regeln|règles|"
            r"reglas|regras|regole)"
        ),
    ),
    (
        "override",
        "forget|ignor|disregard|vergiss|vergess|oubli|olvid|esque|dimentica",
        0.8,
        (
            r"\b(?:forget|ignore|disregard|vergiss|vergessen sie|oublie[rz]?|olvid[ae]|"
            r"esque[cç]\w{1,2}|dimentica)\s+"
            r"(?:(?:about\s+)?(?:everything|all|anything)(?:\s+(?:that|before|above|you|we|i|and|"
            r"what|was|has|said|documents?)\b|\s*[,.;:!])|"
            r"alles\b(?:\s*(?:davor|vorher|bisher|gesagte|was|und)|\s*[,.;:!])|"
            r"tout (?:ce qui|ce que|le reste)|todo (?:lo|que|o que|el)|tudo o que|tutto (?:quello|ciò|il)|"
            r"above\b|the (?:above|articles|documents)|(?:all )?documents)"
        ),
    ),
    (
        "override",
        (
            "ignor|vergess|missacht|abweichend|question|document|instruct|rules"
            "|prompt|told"
        ),
        0.8,
        (
            rf"\b{_ORDERS}\s++(?:above|oben|ci-dessus|de arriba|acima|sopra)?\s*+"
            r"(?:ignorieren|vergessen|missachten|ignorer|ignorar|ignorare)\b"
            r"|\babweichend (?:zu|von) (?:den )?(?:vorherigen|bisherigen)\b"
            r"|\bdo(?:n'?t| not|n'nt) (?:follow|obey|answer|look in) (?:the |your |this |any )?"
            r"(?:question|documents?|instructions?|rules|prompt)\b"
            r"|\b(?:despite|regardless of|contrary to) (?:what )?(?:you(?:'ve| have| were)? been told|"
            r"your (?:instructions|rules|prompt))"
            r"|\bchange your (?:instructions|prompt|rules)\b"
            r"|\byour (?:new )?instructions are (?:now )?to\b"
        ),
    ),
    (
        "new orders",
        "task|instru|order|anweis|aufgab|consigne|istruzioni|role|rolle",
        0.7,
        (
            r"\b(?:new|additional|further|updated?|next|neue|weitere|nouvelles?|nuevas?|novas?|nuove)\s+"
            r"(?:system\s+)?(?:instructions?|tasks?|orders?|anweisungen|aufgaben?|instruktionen|"
            r"consignes|instrucciones|instruções|istruzioni)\s*(?:follow\w*|are followed|folgen|:|-)"
            r"|\b(?:follow|folgen|come)\s+(?:now\s+)?(?:new|neue|weitere|further)\s+(?:tasks|instructions|anweisungen|aufgaben)"
            r"|\b(?:nun|jetzt|now) (?:new|neue|folgen|follow) (?:\w+ )?(?:tasks?|instructions?|aufgaben|anweisungen)"
            r"|\bfolgen (?:\w+ ){0,2}(?:neue|weitere) (?:aufgaben|anweisungen)"
            r"|\b(?:(?:your|deine|ihre|the|die) (?:new|neuen?) (?:task|aufgabe|instructions?|role|rolle)|another task for you)\b"
            r"|\b(?:a few more|noch ein paar) (?:tasks|aufgaben)\b"
            r"|\bhelp me (?:now )?with (?:the following|another) task\b|\bhilfe? (?:mir )?(?:nun )?(?:mit|bei) (?:folgender|einer weiteren) aufgabe\b"
        ),
    ),
    # --- playing another speaker, or the frame around the text
    (
        "role marker",
        "system|assistant|developer|<|inst|#|human|admin",
        0.8,
        (
            r"(?:^|\n|[.!?>)\]}]\s)[ \t>*#-]*[\[(<{*]{0,2}(?:system|assistant|developer)(?: (?:message|prompt|note|override|update|notice))?"
            r"[\])>}*]{0,2}[ \t]?:(?!//)(?=[ \t]*\S)(?!\s*(?:windows|macos|linux|ubuntu|debian|android|ios|mac)\b)"
            r"|<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|eot_id)[^|\n]{0,20}\|>"
            r"|\[/?INST\]|<</?SYS>>|(?:^|\s)###\s?(?:system|instructions?|assistant|response)\b"
            r"|\bhuman:\s*human:|\[(?:system|admin|developer|assistant)\]"
        ),
    ),
    (
        "role marker",
        "<|begin|end",
        0.8,
        (
            r"</?(?:ticket|system|instructions?|prompt|assistant|user_input|untrusted|customer_message|"
            r"passages?|documents?|context|data)(?:[ _-][^<>\n]{0,40})?>"
            r"|\b(?:begin|end) (?:of )?(?:untrusted|customer|ticket|user) (?:data|text|input|message)\b"
            r"|(?:^|\n)[-=_*#]{3,}\s*(?:end|begin|ende|beginn) (?:of|der|des|du|del|ticket|system|user|customer)\b"
        ),
    ),
    # --- another identity for the machine
    (
        "role play",
        (
            "you are now|from now on|now you|bist du|du bist|ahora|tu es|agora"
            "|adesso sei|da ora"
        ),
        0.75,
        (
            r"\b(?:you are now|from now on,? you(?: are|'re| will| must)|now you are|now you act as|"
            r"ab jetzt bist du|(?:jetzt|nun) bist du|du bist (?:jetzt|nun|ab sofort)|ahora eres|a partir de ahora (?:eres|debes)|"
            r"tu es maintenant|désormais,? tu es|agora (?:você|tu) (?:é|és)|adesso sei|da ora in poi sei)\b"
            r"(?!\s+(?:able|logged|signed|connected|ready|in\b|on\b|charging|asking|telling|saying|a customer))"
        ),
    ),
    (
        "role play",
        (
            "act as|pretend|imagine|stell dir|evil|unrestricted|mode|jailbroken"
            "|anything now|du bist kein|playing as|möchte|act|agis|atue"
            "|comporti"
        ),
        0.75,
        (
            r"\b(?:i want you to act as|act as (?:an? |the )?(?:\w+ ){0,2}(?:interpreter|terminal|console|dan|ai|bot|assistant|"
            r"chatgpt|machine|debater|translator|storyteller|hacker|model|developer mode)"
            r"|ich möchte,? dass (?:sie|du) als|quiero que act[úu]es como|je veux que tu agisses|"
            r"quero que (?:você )?atue como|voglio che tu (?:ti comporti|agisca))\b"
            r"|\b(?:pretend|imagine) (?:that )?(?:you(?:'re| are| can)?) (?:an? )?(?:evil|unrestricted|unfiltered ai|the big|access|not an? ai|ai\b)"
            r"|\bstell dir vor,? du bist\b|\bthe (?:evil|unrestricted) (?:ai|version of you)\b"
            r"|\b(?:dan|developer|god|jailbreak|sudo|debug) mode\b.{0,40}\b(?:enabled|activated?|on|you)\b|\bjailbroken\b"
            r"|\bdo anything now\b|\bdu bist keine?\b|\brole-?playing as\b"
        ),
    ),
    (
        "role play",
        "you are |du bist ",
        0.72,
        (
            r"(?:^[^\S\n]*+|[.!?]\s*+)(?:you are|du bist) (?!(?:all|so|very|really|right|welcome|the best|great|not|being|a great|"
            r"charging|ignoring|still|my|our|kidding|correct|wrong|amazing|terrible|awesome|doing|sending|going|trying|"
            r"looking|having|using|invited|given|asked|required|allowed|free|getting|working|offered)\b)"
            r"(?:an? |the |three |one |der |die |das |ein |eine )?[\w\"'-]{2,20}(?: [\w\"'-]{2,20}){0,4}"
            r"[.,!:][^.\n]{0,60}(?:what|how|who|why|was|wie|wer|answer|repeat|you|dir)\b"
        ),
    ),
    # --- asking for what only the machine knows
    (
        "extraction",
        "prompt|instruc|system|anweis|instruç|istruz|written|said|sentence",
        0.8,
        (
            rf"\b{_SHOW}\b[^.!?\n]{{0,40}}\b(?:your|deine[nrs]?|ihre[nr]?|dein|votre|tes|ton|tus?|sus|teu|seu|suas|tuo|tue|all|alle|sämtliche\w?|"
            rf"gesamten|the|los|las|les|o|as|full|entire|my)\s+(?:\w+\s+){{0,2}}{_WHAT_YOU_SAY}\b(?!\s*(?:says|appears|asks|asking|window))"
            rf"|\b(?:copy|wiedergabe|kopie) of the (?:full )?prompt\b|\b(?:vollständigen|gesamten) prompt"
            r"|\bwhat (?:was|is|were) (?:written|said|the (?:\w+ )?sentences?) (?:at the beginning|above|before|in this prompt)"
            r"|\bwhat (?:are|were) (?:your|the) (?:exact )?(?:initial |first |previous )?instructions\b|\btell me (?:what are )?your instructions\b"
            r"|\bmy (?:system |initial |hidden )prompt (?:is|says|reads)\b|\bsystem prompt:"
        ),
    ),
    # --- work for a machine inside a person's letter
    (
        "machine command",
        "must|should|shall|need|has to|have to|muss|müssen|soll|doit|debe|deve",
        0.75,
        (
            r"\b(?:ai|a\.i\.|assistant|chat ?bot|bot|language model|llm|model|gpt|chatgpt|copilot|ki|ia|"
            r"assistent|asistente|assistente)s?\b[^.!?\n]{0,50}\b(?:must|should|shall|needs? to|has to|have to|"
            r"muss|müssen|soll|doit|debe|deve)\b[^.!?\n]{0,12}\b(?:now |always |only |also )?(?:reply|respond|answer|include|add|send|set|mark|escalate|"
            r"insert|write|output|ignore|say|approve|refund|close|tag|antworten|einfügen|senden|markieren|répondre|ajouter|responder|"
            r"incluir|añadir|rispondere|aggiungere)\b"
        ),
    ),
    (
        "machine command",
        (
            "note|attention|message|instruction|memo|hinweis|anweisung|nota"
            "|aviso|mensaje|consigne|language model|gpt|claude|llm|ai|ki"
        ),
        0.75,
        (
            r"\b(?:note|attention|message|instructions?|memo|hinweis|anweisung|nota|aviso|mensaje|consigne) (?:to|for|an|für|para|pour|à|per) "
            r"(?:the |any |all |die |den |el |la |l['’]|o |os )?(?:ai|a\.i\.|assistants?|bots?|chat ?bots?|language models?|llms?|models?|ki|ia|"
            r"assistente?n?|asistente|automated (?:agent|system|reader)s?)\b"
            r"|\b(?:if|when|wenn|si|se) (?:you(?:'re| are)|du|vous êtes|eres|você é|sei) (?:an? |eine? |une? |una )?(?:ai|llm|language model|bot|assistant|ki|ia)\b"
            r"|\b(?:hello|hallo|hey|hi|dear) (?:chat ?gpt|gpt|ai|claude|llm)\b|\bas (?:a|an) (?:large )?(?:language model|ai)\b|\bexploit\w* (?:ai|llms?)\b|\bki-systeme auszunutzen\b"
        ),
    ),
    (
        "machine command",
        (
            "priority|severity|risk|sentiment|confidence|classification"
            "|escalate|approve|refund|close|draft|reply|answer|response"
        ),
        0.75,
        (
            r"\b(?:set|mark|change|raise|lower|override)\b[^.!?\n]{0,25}\b(?:priority|severity|risk|sentiment|confidence|classification)\b"
            r"[^.!?\n]{0,12}\b(?:to|as|=)\s*(?:critical|highest|lowest|maximum|zero|\d|10|1\.0|urgent|p1|none)\b[^.!?\n]{0,60}\b(?:and|automatically|immediately|without)\b"
            r"|\b(?:escalate|approve|refund|close) (?:this|all|every|everything)\b[^.!?\n]{0,40}\b(?:without (?:human |any )?(?:review|approval|asking)|automatically)\b"
            r"|\b(?:mark|set|label|treat) (?:this|the|your) (?:draft|reply|answer|response)\b[^.!?\n]{0,20}\b(?:as )?(?:ready|approved|verified|safe|checked)\b"
        ),
    ),
    (
        "machine command",
        "say|output|print|write|with|sag|schreib|repeat|stop|tell me|include",
        0.72,
        (
            r"\b(?:just |only |simply |nur |instead,? )(?:say|output|print|write|reply with|answer with|respond with|sagst?|schreibe?)\b[^\n]{0,4}[\"“„'«:]"
            r"|\bjus?t (?:say|output|sut output)\b|\bjsut output\b"
            r"|\b(?:say|print|output|repeat)(?: after me)?:? [\"“„'«][^\"”“\n]{1,80}[\"”“'»](?=\s*$|\s*[.!]?\s*$)"
            r"|\brepeat after me\b|\b(?:stop|stopp?)\s?[-:,!]+\s*(?:write|schreibe?|ignor|say|sag|ich (?:benötige|brauche)|i (?:urgently )?need)"
            r"|\b(?:print the following|say that you|tell me that you|include that you|and say that) "
        ),
    ),
    (
        "machine command",
        "response|reply|replies|answer|output|message|draft",
        0.72,
        (
            rf"\b(?:include|add|integrate|insert|append|modify|augment|enhance|weave|embed|begin|start|end|finish)\b[^.!?\n]{{0,60}}"
            rf"\b(?:in|to|with|of)? ?your (?:next |final |own )?{_ANSWER}\b[^.!?\n]{{0,40}}\b(?:to (?:mention|express|promote|highlight|hint)|by (?:inviting|offering|suggesting)|with (?:a|an|the)|"
            r"for (?:users|donations|readers)|detailing|stating|encouraging|urging|stressing|that|a link|directing|linking)\b"
            rf"|\bin your {_ANSWER},? (?:suggest|tease|mention|include|add|recommend|promote|stress|urge)\b"
            rf"|\b(?:integrate|modify|augment|enhance|supplement|(?:add|include|insert)(?=[^\n]{{0,20}}(?:[\"“«]|www|https?:|\ba (?:sentence|tip|reminder|link|statement))))\b[^\n]{{0,110}}\b(?:to|in|of|with) (?:your|the) {_ANSWER}\b(?=[^\n]{{0,3}}(?:$|\n|[.!]))"
            rf"|\b(?:modify|augment|enhance) your {_ANSWER}\b"
        ),
    ),
    (
        "encoding",
        (
            "response|reply|replies|answer|output|message|draft|decode|dekodier"
            "|décode|decodif|execute|führe"
        ),
        0.72,
        (
            rf"\b(?:replace|substitute|scramble|jumble|rearrange|misspell|reverse|remove|group|combine|convert|encode|anagram|render|introduce|use|provide)\b[^.!?\n]{{0,60}}"
            rf"\b(?:letters?|vowels?|words?|spaces?|typos|symbols?|numbers|misspellings?|anagram\w*|substitution|punctuation|base64|rot13|hex)\b[^.!?\n]{{0,40}}\b(?:your|the) (?:\w+ )?{_ANSWER}\b"
            rf"|\byour {_ANSWER}\b[^.!?\n]{{0,40}}\b(?:without (?:any )?spaces|in (?:base64|rot13|morse|hex|anagrammed)|with intentional|using (?:alpha|homo)\w*|to form anagrams)"
            r"|\b(?:decode|dekodiere|décode[rz]?|decodifica|execute|führe aus)\b[^.!?\n]{0,40}\b(?:base64|rot13|hex)\b[^.!?\n]{0,60}\b(?:follow|execute|obey|and (?:do|run|answer)|befolge)"
        ),
    ),
    # --- taking data out by a link or an image
    (
        "exfil",
        "//|url|link|image|query|address|parameter",
        0.75,
        (
            r"(?:https?|hxxps?):?//[^\s\"'<>]{3,200}[?&/=][^\s\"'<>]{0,100}(?:\{\{?|\[|<|%7b|\$\{|(?-i:INSERT|DATA\b|CUSTOMER_|EMAIL_HERE))"
            r"|!\[[^\]\n]{0,100}\]\(\s*(?:https?:|hxxps?:|//)[^)\s]{1,200}\?[^)\s]{1,200}\)"
            r"|\b(?:append|include|add|embed|insert|put|send|post|encode)\b[^.!?\n]{0,60}\b(?:customer|user|ticket|account|conversation|personal|their|his|her|previous)\b[^.!?\n]{0,40}"
            r"\b(?:data|details|e-?mail(?: address(?:es)?)?|history|secrets?|password|content)\b[^.!?\n]{0,40}\b(?:to|in|into|as|at) (?:the |this |a |an )?(?:url|link|image|query|https?:|address|parameter)"
        ),
    ),
    # --- hiding what is done
    (
        "secrecy",
        "mention|tell|reveal|show|disclos|inform|erwähn|mencionar|menzion",
        0.6,
        (
            r"\b(?:do not|don'?t|never|without|ohne|sans|sin|sem|senza)\b[^.!?\n]{0,20}\b(?:mention\w*|tell\w*|reveal\w*|show\w*|disclos\w*|inform\w*|erwähn\w*|mentionner|mencionar|menzionare)\b"
            r"[^.!?\n]{0,30}\b(?:this instruction|these instructions|the instructions?|this (?:message|note) to|that you (?:were|are) (?:told|instructed|an ai)|prompt|diese anweisung\w*|cette consigne|"
            r"estas? instruccion\w*|estas? instruç\w*|queste istruzioni)\b"
        ),
    ),
    (
        "hidden text",
        "<!--|display|visibility|font-size|color|opacity",
        0.75,
        (
            r"<!--(?:(?!-->)[\s\S]){0,400}?\b(?:instruction|ignore|system|assistant|prompt|must|always|reply|respond|ai)\b"
            r"|(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|color\s*:\s*(?:#fff(?:fff)?|white)\b|opacity\s*:\s*0(?![.\d]))[^>]{0,80}>[^<]{8,}"
        ),
    ),
)
COMPILED = tuple(
    (
        name,
        tuple(marks.split("|")),
        weight,
        re.compile(pattern, re.IGNORECASE | re.MULTILINE),
    )
    for name, marks, weight, pattern in (*FAMILIES, *TASKS)
)
