"""Small talk: sentences about the weather and other asides that ask for nothing.

"By the way, we had a nice summer" makes no ticket friendlier or smaller. A sentence
with a cue of trouble, question or wish is never small talk, whatever it begins with.
"""

from __future__ import annotations

import re

from sidecar.llm.local.words import fold

_MOST_WORDS = 14
_ASIDE = re.compile(
    r"\A\W*(?:by the way|btw|ps|p\.s|ubrigens|nebenbei|au fait|d.ailleurs|por cierto"
    r"|a proposito|alias|ja agora|tra l.altro)\b"
)
_NICE = (
    r"(?:nice|good|great|lovely|wonderful|relaxing|schon\w*|toll\w*|bon(?:ne)?s?|bel\w*"
    r"|agreables?|buen\w*|bonit\w*|bom|boa|boas|otim\w*|buon\w*)"
)
_TOPIC = re.compile(
    r"\b(?:it(?:'s| is)(?: \w+)? (?:raining|snowing|sunny)|weather"
    r"|es (?:regnet|schneit)"
    r"|wetter|il (?:pleut|neige)|meteo|llueve|llover|hace (?:sol|buen tiempo)|chove"
    r"|chovendo|faz sol|piove|nevica)\b"
    rf"|\b{_NICE} (?:summer|winter|spring|autumn|weekend|holidays?|vacation|sommer"
    r"|winter|wochenende|ferien|urlaub|week-end|vacances|ete|hiver|verano|invierno"
    r"|fin de semana|vacaciones|verao|inverno|fim de semana|ferias|estate|vacanze"
    r"|fine settimana)\b"
)


def may_be_small_talk(sentence: str) -> bool:
    """Say whether a sentence is small talk if it has no cue of a request."""
    folded = fold(sentence)
    if len(folded.split()) > _MOST_WORDS or "?" in folded:
        return False
    if any(c.isdigit() for c in folded):
        return False
    return bool(_ASIDE.search(folded) or _TOPIC.search(folded))
