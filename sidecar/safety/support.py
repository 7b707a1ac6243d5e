"""How far sources carry a text: what it counts, names and denies, and its wording.

Shared words alone cannot see a changed number: they stand at chance on edited
summaries. So what an edit changes is looked at by kind, each against the place of the
source that speaks of the same: numbers, names and "not" decide (``faithful``); for a
ranking, the share of the words found close together in the source is weighed in
(``support``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sidecar.domain.stems import stem
from sidecar.safety.countables import countables
from sidecar.safety.negation import denies, turned

# Sentences before and after the nearest one that belong to the same place.
_AROUND = 3
_NEAR = (0, _AROUND)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_MARKS = re.compile(r"[*_`#]+|\[([^\[\]\n]{0,500})\]\([^)\n]{0,2000}\)")
_WORD = re.compile(r"\w+")
_CONTENT = re.compile(r"[^\W\d_]{3,}|\d+")
# Behind a full stop or colon every word is written large.
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z]\w+[A-Za-z]{2}")
_INNER_CAPITAL = re.compile(
    r"\b[^\Wa-z]*+[a-z][^\WA-Z]*+[A-Z]\w*+|\b[A-Z]{2}[^\Wa-z]*+[a-z]\w*+"
)
_FAILS = re.compile(
    r"\b(?:fail(?:s|ed)?|refuse[sd]?|decline[sd]?|reject(?:s|ed)?|lacks?)\b",
    re.IGNORECASE,
)
_ADMITS = re.compile(
    r"\b(?:(?:do(?:es)?|did|is|are) not|don['’]t|doesn['’]t|didn['’]t|cannot|can['’]t|"
    r"could(?: not|n['’]t)|unable to)\s+(?:\w+\s+){0,3}?(?:have|provide|contain|"
    r"mention|find|answer|specify|include)\b",
    re.IGNORECASE,
)
_SPELLED = {
    word: str(value)
    for value, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905 - readable
        start=2,
    )
} | {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60"}
_COMMON = frozenset(
    "the and for are was were has have had with that this these those from they them"  # noqa: SIM905 - readable
    " their its you your can will would should could may might been being not but"
    " also than then there here which who whom whose what when where how why all any"
    " some more most other into over such only".split()
)
_VAGUE = frozenset({"1", "few"})
_PENALTY, _MOST_PENALTIES = 0.05, 3


def faithful(text: str, source: str) -> bool:
    """Say whether nothing that can be compared contradicts or goes beyond the source.

    Numbers, quantities, codes, spelled counts and names must occur in it; where a
    sentence denies or says an opposite, so must the place that speaks of the same.
    """
    if unknown_counts(text, source) or unknown_names(text, source):
        return False
    places = _Places(source)
    return all(_agrees(sentence, places) for sentence in _sentences(text))


def support(text: str, source: str) -> float:
    """Return how far the source carries the text, 0..1.

    The mean of five shares, less .05 for each unknown count or name (.15 at most):
    its words, pairs and triples of words that occur in the source, and its sentences'
    words found in one sentence and in one place of it. A sentence that admits to know
    nothing claims nothing.
    """
    places = _Places(source)
    text = _MARKS.sub(lambda mark: mark[1] or " ", text)
    claims = [x for x in _sentences(text) if _content(x) and not _ADMITS.search(x)]
    if not claims:
        return 1.0
    runs = [_known_runs(claims, source, size) for size in (1, 2, 3)]
    near = [places.nearest(_content(x), around)[1] for x in claims for around in _NEAR]
    unknown = unknown_counts(text, source) | unknown_names(text, source)
    penalty = _PENALTY * min(_MOST_PENALTIES, len(unknown))
    close = len(_NEAR) * sum(near) / len(near)
    return max(0.0, (sum(runs) + close) / (len(runs) + len(_NEAR)) - penalty)


def unknown_counts(text: str, source: str) -> set[str]:
    """Return the numbers, quantities and codes of a text that its source lacks."""
    said, known = countables(text), countables(source)
    numbers = known.numbers | _spelled(source)
    quantities = {
        " ".join(one)
        for one in said.quantities - known.quantities
        if one[0] not in _VAGUE and one[0] not in numbers
    }
    new = (said.numbers | _spelled(text)) - numbers
    return {*new, *quantities, *(said.codes - known.codes)}


def unknown_names(text: str, source: str, *, sure_only: bool = False) -> set[str]:
    """Return the words written as names that the source never says.

    ``sure_only`` keeps those with a capital inside ("PayFlow"): German writes every
    noun large.
    """
    pattern = _INNER_CAPITAL if sure_only else _NAME
    known = source.casefold()
    found = {m.group() for one in _sentences(text) for m in pattern.finditer(one)}
    return {name for name in found if name.casefold() not in known}


class _Places:
    """The sentences of a source, to find where it speaks of something."""

    def __init__(self, source: str) -> None:
        self._sentences = _sentences(source)
        self._content = [_content(one) for one in self._sentences]

    def nearest(self, content: set[str], around: int = _AROUND) -> tuple[str, float]:
        """Return the place with most of these words, and the share of them.

        A place is a sentence with ``around`` others on either side.
        """
        best, share = "", 0.0
        for at in range(len(self._sentences)):
            place = slice(max(0, at - around), at + around + 1)
            found = len(content & set().union(*self._content[place]))
            if content and found / len(content) > share:
                best = "\n".join(self._sentences[place])
                share = found / len(content)
        return best, share


def _agrees(sentence: str, places: _Places) -> bool:
    place, share = places.nearest(_content(sentence))
    if not share:
        return True
    if _denies(sentence) and not _denies(place):
        return False
    return not turned(sentence, place)


def _known_runs(claims: Sequence[str], source: str, size: int) -> float:
    """Return the share of the claims' runs of ``size`` words that the source has."""
    known = set(_runs(source, size))
    said = [run for claim in claims for run in _runs(claim, size)]
    return sum(run in known for run in said) / len(said) if said else 1.0


def _runs(text: str, size: int) -> list[tuple[str, ...]]:
    words = _stemmed(text)
    return list(zip(*(words[at:] for at in range(size)), strict=False))


def _denies(text: str) -> bool:
    return denies(text) or bool(_FAILS.search(text))


def _spelled(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())
    return {_SPELLED[word] for word in words if word in _SPELLED}


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE_END.split(text) if len(part.strip()) > 2]


def _stemmed(text: str) -> Sequence[str]:
    return [stem(word) for word in _WORD.findall(text.casefold())]


def _content(text: str) -> set[str]:
    words = _CONTENT.findall(text.casefold())
    return {stem(word) for word in words if word not in _COMMON}
