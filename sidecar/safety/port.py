"""The safety port: what drafts, previews and models must pass through."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sidecar.domain.reply import Citation, Sentence

PLACEHOLDER = re.compile(r"<[A-Z]{2,10}_\d{1,9}>")


@dataclass(frozen=True, slots=True)
class Redacted:
    """Text with placeholders, and what each placeholder stands for."""

    text: str
    originals: dict[str, str]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much a text looks like instructions to a machine, 0..1, and where."""

    score: float
    spans: tuple[tuple[int, int], ...]


class Safety(Protocol):
    """Deterministic guards, the same for every engine."""

    def redact(
        self, text: str, names: Sequence[str] = (), *, proven_only: bool = False
    ) -> Redacted:
        """Replace personal data and secrets, ``names`` wherever they stand.

        With ``proven_only`` what its form or check digit proves (e-mail, phone, card,
        IBAN, IP, national numbers, secrets): for asking whether a text gives away
        something. Otherwise also addresses of pages and what lists and surroundings
        tell (people, organisations, places, streets, ages): for hiding.
        """

    def restore(self, text: str, originals: Mapping[str, str]) -> str:
        """Put back what the placeholders of ``redact`` stand for."""

    def suspicion(self, text: str) -> Suspicion:
        """Score injected instructions in customer text or knowledge."""

    def sentence_holds(
        self, sentence: Sentence, cited: Sequence[Citation], sources: Sequence[str]
    ) -> bool:
        """Say whether a sentence may be shown.

        ``sources`` are the full texts of the cited passages, in the order of ``cited``.
        A fact needs a citation whose quote stands literally in its source, and every
        number, date and price of the sentence must occur in its quotes, every link
        in a source.
        """

    def translation_holds(self, text: str, original: str) -> bool:
        """Say whether ``text`` can be a translation of ``original``.

        ``original`` itself must hold. Numbers, quantities, dates, links, addresses,
        codes and denials must agree; the meaning is for a person to judge.
        """

    def brings_nothing_new(self, text: str, said: Sequence[str]) -> bool:
        """Say whether a text without a source uses the desk's words and ``said`` only.

        What an injected order makes an engine say needs words that neither has.
        """

    def contradicts(self, line: str, said: str) -> bool:
        """Say whether a line affirms what a conversation denies, or the reverse."""

    def support(self, text: str, source: str) -> float:
        """Return how far English sources carry an English text, 0..1.

        For ranking and doubt, not for refusing: it sees wording, not meaning.
        """

    def only_known_links(self, text: str, allowed_urls: Sequence[str]) -> str:
        """Return the text without links, of any form, to other than these addresses."""


class Passwords(Protocol):
    """Storing people's passwords so that they cannot be read back."""

    def digest(self, password: str) -> str:
        """Return the text to store."""

    def fits(self, stored: str, password: str) -> bool:
        """Say whether the password is the stored one.

        Takes as long when ``stored`` is '' (nobody), so that the time does not tell
        who exists. Raises ``TryAgain(OVERLOADED)`` when too many ask at once.
        """


class WrongKey(Exception):
    """No key of this deployment opens what was sealed."""


class Vault(Protocol):
    """Keeps secrets so that the database alone does not give them away."""

    def seal(self, text: str) -> str:
        """Encrypt."""

    def open(self, sealed: str) -> str:
        """Decrypt; raises ``WrongKey`` when no key fits."""

    def is_current(self, sealed: str) -> bool:
        """Say whether the newest key sealed it."""
