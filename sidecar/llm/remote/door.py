"""The one door: nothing reaches a model but through here, and without personal data.

Every text somebody else wrote is redacted before it is put into a prompt, and each
prompt's placeholders are put back in the answer. When redaction fails nothing is sent.
The mapping lives as long as the request and is neither logged nor cached.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sidecar.domain.text import visible_text
from sidecar.llm.remote.client import Letter
from sidecar.llm.remote.failure import Failure, ProviderFailed
from sidecar.llm.remote.prompts import Prompt
from sidecar.safety.port import PLACEHOLDER, Redacted, Safety

_KIND = re.compile(r"[A-Z]+")
_WORD = re.compile(r"\w+")
_TELLTALE_WORDS = 7
"""A run of so many words of a prompt is no accident."""


@dataclass(frozen=True, slots=True)
class Block:
    """A text somebody else wrote; ``kind`` is ours and says what it is."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be asked: ``values`` are words of ours, ``blocks`` are data.

    ``names`` are people's, to be taken out of the blocks.
    """

    prompt: Prompt
    values: Mapping[str, str]
    blocks: Sequence[Block]
    names: Sequence[str]
    schema: Mapping[str, Any]
    most_output_tokens: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A letter and what is needed to read its answer.

    ``digest`` names what is asked, without the tag that changes every time.
    """

    letter: Letter
    digest: str
    _tag: str
    _prompt_runs: frozenset[tuple[str, ...]]
    _originals: Mapping[str, str] = field(repr=False)
    _said: str = field(repr=False)
    _safety: Safety = field(repr=False)

    def opened(self, answer: Any) -> Any:
        """Return the answer with personal data put back; unknown placeholders go."""
        if isinstance(answer, str):
            return PLACEHOLDER.sub(
                lambda m: self._originals.get(m.group(), ""), visible_text(answer)
            )
        if isinstance(answer, list):
            return [self.opened(item) for item in answer]
        if isinstance(answer, dict):
            return {key: self.opened(value) for key, value in answer.items()}
        return answer

    def may_be_shown(self, text: str) -> bool:
        """Say whether an opened text gives away neither our prompt nor anybody's data.

        Personal data is somebody else's unless it stands in what was asked.
        """
        if self._tag in text or self._prompt_runs & _runs(text):
            return False
        found = self._safety.redact(text, proven_only=True).originals.values()
        return all(value in self._said for value in found)


class Door:
    """Seals orders; the only maker of letters."""

    def __init__(self, safety: Safety) -> None:
        self._safety = safety

    def seal(self, order: Order) -> Sealed:
        """Redact, delimit by a tag nobody can guess, and fill the prompt.

        Raises ``ProviderFailed(REDACTION)`` when anything about it goes wrong.
        """
        try:
            masked, originals = self._masked(order)
        except Exception:  # noqa: BLE001 - whatever it is, nothing is sent
            raise ProviderFailed(Failure.REDACTION) from None
        tag = f"data-{secrets.token_hex(8)}"
        blocks = [
            f'<{tag} kind="{block.kind}">\n{text}\n</{tag}>'
            for block, text in zip(order.blocks, masked, strict=True)
        ]
        values = {**order.values, "tag": tag, "data": "\n".join(blocks)}
        letter = Letter(
            fixed=order.prompt.fixed,
            changing=order.prompt.filled(values),
            schema=order.schema,
            schema_name=order.prompt.name,
            most_output_tokens=order.most_output_tokens,
        )
        return Sealed(
            letter=letter,
            digest=_digest(order, masked),
            _tag=tag,
            _prompt_runs=_runs(order.prompt.fixed),
            _originals=originals,
            _said="\n".join(block.text for block in order.blocks),
            _safety=self._safety,
        )

    def _twice(self, text: str, names: Sequence[str]) -> Redacted:
        """Redact, and once more what is left: numbers side by side hide each other."""
        first = self._safety.redact(text, names)
        if not first.originals:
            return first
        second = self._safety.redact(first.text, names)
        more = {
            placeholder: _replaced(value, first.originals)
            for placeholder, value in second.originals.items()
        }
        return Redacted(second.text, {**first.originals, **more})

    def _masked(self, order: Order) -> tuple[list[str], dict[str, str]]:
        """Return the blocks redacted, with one numbering for all of them."""
        # Somebody may have typed a placeholder: it must never become a real value.
        taken = {m for block in order.blocks for m in PLACEHOLDER.findall(block.text)}
        given: dict[tuple[str, str], str] = {}
        masked = []
        for block in order.blocks:
            found = self._twice(block.text, order.names)
            renamed = {
                placeholder: _numbered(placeholder, value, given, taken)
                for placeholder, value in found.originals.items()
            }
            masked.append(_replaced(found.text, renamed))
        return masked, {placeholder: value for (_, value), placeholder in given.items()}


def _replaced(text: str, by: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: by.get(match.group(), match.group()), text)


def kind_of(placeholder: str) -> str:
    """Return what a placeholder stands for, such as ``EMAIL``."""
    match = _KIND.search(placeholder)
    assert match, "a placeholder names its kind"
    return match.group()


def _numbered(
    placeholder: str,
    value: str,
    given: dict[tuple[str, str], str],
    taken: set[str],
) -> str:
    kind = kind_of(placeholder)
    if (kind, value) not in given:
        number = 1 + sum(known == kind for known, _ in given)
        while f"<{kind}_{number}>" in taken:
            number += 1
        given[kind, value] = f"<{kind}_{number}>"
        taken.add(given[kind, value])
    return given[kind, value]


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return frozenset(zip(*(words[i:] for i in range(_TELLTALE_WORDS)), strict=False))


def _digest(order: Order, masked: Sequence[str]) -> str:
    asked = [
        order.prompt.version,
        order.prompt.fixed,
        dict(order.values),
        [[block.kind, text] for block, text in zip(order.blocks, masked, strict=True)],
        order.schema,
    ]
    text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
