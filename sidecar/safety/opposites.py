"""Words that say the opposite of each other, in six languages."""

# ruff: noqa: E501 - a table broken in two is read wrong
from __future__ import annotations

import re

_EVERYBODY = (
    r"everyone|everybody|anyone|anybody|all (?:the )?(?:users?|customers?|members?|people|employees|accounts)|(?:any|every) (?:users?|customers?|members?|person|employee)|"
    r"jede[rmn]?(?: \w+)? (?:nutzer|benutzer|kunde|mitglied|person|mitarbeiter)\w*|alle (?:nutzer|benutzer|kunden|mitglieder|mitarbeiter|personen)\w*|jeder (?:kann|darf)|"
    r"tout le monde|n['’]importe qui|tous les (?:utilisateurs|clients|membres)|todo el mundo|cualquiera|cualquier (?:usuario|cliente|persona)|todos los (?:usuarios|clientes|miembros)|"
    r"toda a gente|qualquer (?:um|pessoa|utilizador|usuário|cliente)|todos os (?:utilizadores|usuários|clientes|membros)|chiunque|tutti gli utenti|tutti i (?:clienti|membri)|qualsiasi (?:utente|cliente)"
)
_PAIRS = (
    ("enabl\\w+|switch(?:ed)? on|turn(?:ed)? on|activat\\w+", "disabl\\w+|switch(?:ed)? off|turn(?:ed)? off|deactivat\\w+"),
    ("allow\\w*|permit\\w*|may", "forbid\\w*|forbidden|prohibit\\w*|disallow\\w*"),
    ("includ\\w+", "exclud\\w+"),
    ("before|prior to", "after|once"),
    ("more than|at least|minimum|over|above", "less than|at most|maximum|under|below|up to"),
    ("always", "never|sometimes|rarely"),
    ("free(?: of charge)?", "paid|charged|costs?|chargeable"),
    ("increas\\w+|rais\\w+", "decreas\\w+|lower\\w*|reduc\\w+"),
    ("higher|highest|dearer|more expensive", "lower|lowest|cheaper|less expensive"),
    ("longer|longest", "shorter|shortest"),
    ("earlier|earliest", "later|latest"),
    ("faster|fastest|quicker", "slower|slowest"),
    ("half|halved", "full|whole|entire|doubl\\w+"),
    ("doubl\\w+", "full|whole|entire|single"),
    ("required|mandatory|compulsory|obligatory", "optional|voluntary"),
    ("noon|midday", "midnight"),
    ("only|solely|exclusively|nur|ausschließlich|seulement|uniquement|s[oó]lo|solamente|únicamente|apenas|somente|soltanto|solamente", _EVERYBODY),
    ("aktivier\\w+|einschalt\\w+|eingeschaltet", "deaktivier\\w+|ausschalt\\w+|ausgeschaltet"),
    ("mindestens", "höchstens|maximal"),
    ("vor(?:her)?|bevor", "nach(?:her)?|nachdem"),
    ("kostenlos\\w*|kostenfrei\\w*|gratis", "kostenpflichtig\\w*"),
    ("mehr als|über", "weniger als|unter"),
    ("erlaubt|zulässig", "verboten|untersagt|unzulässig"),
    ("höher\\w*|teurer", "niedriger\\w*|billiger|günstiger"),
    ("früher|frühestens", "später|spätestens"),
    ("halbe[nrms]?|hälfte", "ganze[nrms]?|volle[nrms]?|gesamte[nrms]?"),
    ("avant", "après|une fois"),
    ("gratuite?s?|gratuitement", "payante?s?"),
    ("activ\\w+", "désactiv\\w+"),
    ("au moins|plus de|au minimum", "au plus|moins de|au maximum|jusqu['’]à"),
    ("toujours", "parfois|rarement"),
    ("inclus(?:es?)?|y compris", "exclue?s?"),
    ("autorisée?s?|permise?s?", "interdite?s?"),
    ("plus élevée?s?|supérieure?s?", "moins élevée?s?|inférieure?s?"),
    ("obligatoires?", "facultati\\w+|optionnel\\w*"),
    ("la moitié|demi", "la totalité|intégral\\w*|en entier"),
    ("antes", "después|tras|una vez"),
    ("gratis|gratuit[oa]s?|gratuitamente", "de pago|pagad[oa]s?"),
    ("activ(?!o\\b)\\w+|habilit\\w+", "desactiv\\w+|deshabilit\\w+"),
    ("al menos|como mínimo|más de", "como máximo|menos de|hasta"),
    ("incluid\\w+|incluye\\w*", "excluid\\w+|excluye\\w*"),
    ("permitid\\w+|permite\\w*", "prohibid\\w+|prohíbe\\w*"),
    ("más alt[oa]s?|mayor(?:es)?", "más baj[oa]s?|menor(?:es)?"),
    ("obligatori[oa]s?", "opcional(?:es)?|voluntari[oa]s?"),
    ("la mitad|metade|la metà", "la totalidad|a totalidade|íntegr\\w+|intero|completo"),
    ("antes", "depois|após"),
    ("grátis|gratuit[oa]s?|gratuitamente", "pag[oa]s?"),
    ("ativ\\w+", "desativ\\w+"),
    ("pelo menos|no mínimo|mais de", "no máximo|menos de|até"),
    ("incluíd\\w+|inclui\\w*", "excluíd\\w+|exclui\\w*"),
    ("permitid\\w+|permite\\w*", "proibid\\w+|proíbe\\w*"),
    ("mais alt[oa]s?|maior(?:es)?", "mais baix[oa]s?|menor(?:es)?"),
    ("prima d\\w+['’]?|prima che", "dopo|una volta"),
    ("gratis|gratuit[oaie]|gratuitamente", "a pagamento"),
    ("attiv(?!o\\b)\\w+|abilit\\w+", "disattiv\\w+|disabilit\\w+"),
    ("almeno|più di|come minimo", "al massimo|meno di|fino a"),
    ("inclus[oaie]|compres[oaie]", "esclus[oaie]"),
    ("consentit[oaie]|permess[oaie]", "vietat[oaie]|proibit[oaie]"),
    ("più alt[oaie]|maggior[ei]|superior[ei]", "più bass[oaie]|minor[ei]|inferior[ei]"),
    ("obbligatori[oae]?", "facoltativ[oaie]|opzional[ei]"),
)  # fmt: skip


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)


OPPOSITES = tuple((_pattern(one), _pattern(other)) for one, other in _PAIRS)
"""Pairs of patterns; what one finds is the contrary of what the other finds."""
