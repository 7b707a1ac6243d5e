"""Which language a text is in: py3langid among 31, helped by words of support mail.

Why py3langid and how the others measured: docs/decisions/0005-language.md.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import TYPE_CHECKING

from sidecar.llm.local.lexicon import LANGUAGES, raw
from sidecar.llm.local.nonsense import without_nonsense
from sidecar.llm.local.short_words import evidence
from sidecar.llm.local.words import BREAK, tokens

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

CANDIDATES = [
    "ar",
    "bn",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "fa",
    "fi",
    "fr",
    "he",
    "hi",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "no",
    "nl",
    "pl",
    "pt",
    "ro",
    "ru",
    "sv",
    "th",
    "tr",
    "uk",
    "ur",
    "vi",
    "zh",
]
UNKNOWN = "und"
"""BCP 47: undetermined."""

SURE, SURE_OF_LITTLE = 0.25, 0.5
"""Below this confidence a text has no language of its own; one of few letters."""

_FEW_LETTERS = 8

_LONGEST = 2000
_LISTED, _OPENING = 12, 200
_NOT_PROSE = re.compile(
    r"https?://\S+|\S+@\S+|`[^`]*`|\b[\w.-]*\d[\w.-]*\b|\[[^\]]{0,80}\]|<[^>]{0,200}>"
)


@dataclass(frozen=True, slots=True)
class Detected:
    """A BCP 47 tag and how sure (0..1); ``und`` when too little or too mixed."""

    language: str
    confidence: float


class LanguageDetector:
    """Detects languages; the model (65 MB) is loaded at first use, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: LanguageIdentifier | None = None

    def detect(self, text: str) -> Detected:
        """Return the language of one text."""
        prose = _NOT_PROSE.sub(" ", without_nonsense(text[:_LONGEST]))
        letters = sum(map(str.isalpha, prose))
        if letters < 2:
            return Detected(UNKNOWN, 0.0)
        ranked = self._ranked(prose)
        language, confidence = ranked[0]
        if confidence < (SURE if letters >= _FEW_LETTERS else SURE_OF_LITTLE):
            return Detected(UNKNOWN, round(confidence, 3))
        return Detected("nb" if language == "no" else language, round(confidence, 3))

    def best(self, text: str) -> str:
        """Return the likeliest language however unsure; ``und`` without letters."""
        prose = _NOT_PROSE.sub(" ", text[:_LONGEST])
        if not any(map(str.isalpha, prose)):
            return UNKNOWN
        language = self._ranked(prose)[0][0]
        return "nb" if language == "no" else language

    def detect_first(
        self, texts: Iterable[str], seen: dict[str, Detected] | None = None
    ) -> Detected:
        """Return the language of the first text that has one, else the first answer.

        What was found of each text is left in ``seen``.
        """
        seen = {} if seen is None else seen
        first: Detected | None = None
        for text in texts:
            detected = seen[text] = self.detect(text)
            if detected.language != UNKNOWN:
                return detected
            first = first or detected
        return first or Detected(UNKNOWN, 0.0)

    def _ranked(self, prose: str) -> list[tuple[str, float]]:
        """Return languages by probability: the model's times one per listed word.

        In a text of a few words the letters of its words count as well.
        """
        scores = {code: float(p) for code, p in self._loaded().rank(prose.strip())}
        # Only short texts need the help; in long ones the model sees enough.
        seen = _first_words(prose)
        factor = 20.0 if len(seen) <= 2 else 3.0
        for word in seen:
            for code in _markers().get(word, ()):
                scores[code] *= factor
        for code, more in evidence(prose).items():
            scores[code] *= exp(more)
        total = sum(scores.values()) or 1.0
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [(code, score / total) for code, score in ranked]

    def _loaded(self) -> LanguageIdentifier:
        with self._lock:
            if self._model is None:
                self._model = _load()
            return self._model


def _first_words(text: str) -> list[str]:
    """Return the first ``_LISTED`` words of a text, folded."""
    # One more is asked of the beginning: its last one may be cut in two.
    for some in (text[:_OPENING], text):
        found = [t.text for t in tokens(some) if t.text != BREAK]
        if len(found) > _LISTED:
            break
    return found[:_LISTED]


def _load() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    full = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    full.set_languages(CANDIDATES)
    # The full tables of 97 languages hang on the first object: keep only what is used.
    return LanguageIdentifier(
        full.nb_ptc.copy(),
        full.nb_pc.copy(),
        full.nb_classes,
        full.tk_nextmove,
        full.tk_output,
        norm_probs=True,
        tk_row=full.tk_row,
    )


@cache
def _markers() -> dict[str, tuple[str, ...]]:
    """Return for each listed word the languages that list it."""
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for word in raw(language)["markers"]:
            for token in tokens(word):
                if token.text != BREAK:
                    found.setdefault(token.text, set()).add(language)
    return {word: tuple(sorted(codes)) for word, codes in found.items()}
