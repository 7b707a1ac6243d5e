"""Work that people give to a writing machine, never to a helpdesk.

A customer asks for a refund, an invoice, a reset; whoever asks a support desk for a
poem, a manifesto or Python code, tells it to set its sources aside, or has actors who
never leave their roles explain a burglary, talks to the machine behind it.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

_MAKE = (
    r"(?:write|compose|generate|create|produce|draft|formulate|craft|develop|invent|make up|provide|give me|tell me|come up with|"
    r"schreibe?n?|verfasse?n?|formuliere?n?|generiere?n?|erstelle?n?|erzähle?n?|erfinde?n?|"
    r"[ée]cri(?:s|vez)|r[ée]dige[rz]?|g[ée]n[èe]re[rz]?|escrib[ea]|redacta|genera|escreva|gere|scrivi|genera)"
)
_WORK = (
    r"(?:(?:un\w+ |false |falsche |unwahre )?(?:headline|überschrift)|poems?|haiku|limerick|essay|short story|(?:bedtime|horror|love|funny|fictional) story|story (?:about|based|of|in which|where)|"
    r"manifesto|speech (?:on|about|for|that)|song (?:about|lyrics)|lyrics|rap (?:about|song)|screenplay|headline|"
    r"blog post|tweets?|slogan|riddle|novel|sonnet|fairy ?tale|propaganda|dialogue between|reasons? why|"
    r"gedicht|aufsatz|kurzgeschichte|geschichte über|manifest|[üu]berschrift|schlagzeile|loblied|lied über|rede über|grund,? warum|"
    r"po[èe]me|dissertation|histoire (?:sur|de)|poema|ensayo|cuento|historia sobre|redação|conto|poesia|racconto)"
)
_CODE = r"(?:python|java(?:script)?|c\+\+|c#|php|ruby|rust|sql|bash|perl|golang|html)"
_SOURCES = r"(?:articles?|artik(?:el|les?)s?|artikeln|context|kontext|documents?|dokumente?n?|passages?|sources?|quellen|texts?|information(?:en)?)"

TASKS: tuple[tuple[str, str, float, str], ...] = (
    (
        "other work",
        "write|compose|generate|create|produce|draft|formul|craft|develop|invent|make up|provide|give me|tell me|come up|schreib|verfass|generi|erstell|erzähl|erfind|écri|rédig|génèr|escrib|redact|genera|escreva|gere|scrivi",
        0.72,
        (
            rf"\b{_MAKE}\b(?: \w+){{0,6}}? {_WORK}\b"
            rf"|\b{_MAKE}\b(?: \w+){{0,3}}? {_CODE}(?:[ -](?:code|script|program\w*|function|snippet))?(?!\w)"
        ),
    ),
    (
        "other work",
        "task|aufgabe|done|erledigt|very good|well done|great job|sehr gut|super|outdone",
        0.72,
        (
            r"\b(?:that is|that's|this is|das ist|das wäre) (?:done|erledigt|geschafft)\b[.!]? {0,3}(?:now|nun|jetzt|\w+ (?:now|nun|jetzt))\b"
            r"|\b(?:another|next|new|different|weitere[nr]?|andere[nr]?|neue[nr]?|nächste[nr]?) (?:task|aufgabe)s?[.:!] ?(?:write|schreib\w*|verfass\w*)\b"
            r"|\bhelp with another task\b|\byou've outdone yourself\b|\bdu hast dich selbst übertroffen\b"
        ),
    ),
    (
        "sources set aside",
        "article|artik|context|kontext|document|dokument|passage|source|quelle|text|information|knowledge|wissen",
        0.75,
        (
            rf"\b(?:answer|respond|reply|antworte\w*|beantworte\w*)\b[^.!?\n]{{0,40}}\b(?:own|eigene[nms]?) (?:knowledge|wissen)\b"
            rf"|\b(?:disregard(?:ing)?|ignor(?:e|ing|ier\w*)|without (?:using|considering)|forget|regardless of|not by|unabhängig von)\b[^.!?\n]{{0,25}}\b(?:the |all |any |provided |given |den |die |allen? )*(?:provided |given |above )?{_SOURCES}(?:\s*$|[,.!:;]| (?:and|und|provide|write|tell|say|above|oben|given|but)\b)"
            rf"|\b(?:all|alle|any|every)\w* (?:previous|prior|earlier|vorherigen|bisherigen|früheren|vorangegangenen)\s+(?:information(?:en)?|texte?|facts?|data|daten|dinge|things)\b[^.!?\n]{{0,60}}\b(?:irrelevant|not|nicht|wrong|falsch|unwichtig|false|meaningless|nonsense)"
            rf"|(?:^|\W)\$?(?:document )?(?:context|kontext|documents?|dokumente?)\s?[:{{\"“][^\n]{{3,300}}?(?:question|frage|\?|\\n)"
            rf"|\b(?:kontext|artikel)\b[^.?!\n:]{{5,80}}\bfrage\b[^.\n]{{3,60}}\?"
        ),
    ),
    (
        "role play",
        "role|charact|rolle|figur|rôle|papel|ruolo",
        0.75,
        (
            r"\b(?:stay|remain|keep|break|leav|fall|bleib|verlass)\w*+\b[^.!?\n]{0,40}\b(?:in|out of|aus|from)?\s?(?:(?:their|the|his|her|your|ihren?|der|die|seinen?) )?(?:roles?|characters?|rollen?|figur(?:en)?)\b(?!s)"
            r"(?=[\s\S]{0,400}\b(?:how|wie|says?|sagt|alice|ben|student|apprenti|robber|thief|hacker|dieb|schüler|film|movie|actor|schauspieler))"
        ),
    ),
    (
        "role play",
        "racoon|raccoon|be a|theoretical|hypothetical|theoretisch|hypothetisch|theoretische",
        0.72,
        (
            r"(?:^|[.!?]\s)be an? (?!(?:bit|little|good|lot|great|nice)\b)[a-z]{2,12}[.!,](?= ?\w)"
            r"|\b(?:completely |purely |rein |völlig )?(?:theoretical|hypothetical|theoretischen?|hypothetischen?) (?:world|scenario|welt|szenario)\b[^\n]{0,200}\b(?:you|du|sie)\b"
            r"|\byou are (?:two|three|four|\d) \w+ in an? \w+"
        ),
    ),
    (
        "answer dictated",
        "state that|say yes|say no|sag ja|sag nein|sage ja|blame|beschuldige|make something up|sad|die|stirbst|correct answer|richtige antwort|must say|sagen können|banane|say that|sagen",
        0.72,
        (
            r"(?:^|[.!?]\s)state that \w+"
            r"|[.!?,] ?(?:just |simply |please )?(?:say|answer|sage?|antworte) (?:mit )?[\"“']?(?:yes|no|ja|nein)[\"”']?\s*[.!]?\s*(?:$|[.!]\s)"
            r"|\bblame (?:it on )?\w+(?: anyway)?[!.\\]|\binstruction: ?\w+"
            r"|\b(?:if you (?:don'?t|do not) know,? )?make (?:something|it) up\b|\bwenn du es nicht weißt\b[^.\n]{0,20}\berfinde\b"
            r"|\b(?:answer|antwort|respond|reply|say|sag\w*)\b[^.!?\n]{0,60}\b(?:or (?:else )?you(?:'ll| will)? die|oder du stirbst|sonst stirbst du|o (?:tu )?mueres)\b"
            r"|\bif you (?:don'?t|do not) answer,? i(?:'ll| will) be (?:very |so )?(?:sad|upset|mad)\b"
            r"|\b(?:something|etwas),? (?:that )?(?:das )?(?:sie|you|du) (?:sagen können|can say|sagen kannst)\b|\b(?:required|needed|erforderlich) (?:is|ist),? (?:that|dass) (?:you|sie|du)\b"
            r"|\b(?:remember|merken|erinnern)\b[^.!?\n]{0,60}\b(?:not (?:to )?remember|nicht (?:an|zu|daran))"
            r"|\bthe correct (?:answer|response|reply) is\b|\bdie richtige antwort ist\b"
        ),
    ),
    (
        "extraction",
        "sentences before|sätze vor|you trained|du trainiert|in the prompt|im prompt|no relevant answer|erase a database|prompt_text",
        0.75,
        (
            r"\b(?:the|die) (?:\w+ )?(?:sentences?|words?|lines?|sätze|wörter) (?:before|above|vor)\b(?: (?:the|this|dem|diesem))?(?: (?:text|question|prompt))?"
            r"|\bwhen were you trained\b|\bwann wurdest du trainiert\b|\b(?:information|text|words) in the prompt\b"
            r"|\bare you willing to (?:erase|delete|drop|ignore|harm)\b|\bprompt_text\b"
        ),
    ),
    (
        "frame",
        "\\n",
        0.72,
        r"(?:\\ ?n\s*){5,}",
    ),
    (
        "machine command",
        "im stil|in the style of|wie ein pirat|like a pirate|au style|al estilo",
        0.72,
        (
            r"\b(?:answer|respond|reply|write|speak|talk|antworte\w*|schreibe?|sprich|r[ée]ponds|responde)\b[^.!?\n]{0,30}\b(?:in the style of|like an? pirate|im stil(?:e)?|wie ein pirat|dans le style|al estilo)\b"
        ),
    ),
)
