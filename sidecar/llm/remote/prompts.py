"""Prompts: reviewable files with a version, filled in one pass.

A file has a first line ``version: N``, a part ``[fixed]`` that is the same for every
request, and a part ``[changing]`` with ``{{slots}}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = re.compile(
    r"\Aversion: (?P<version>\d+)\n\[fixed\]\n(?P<fixed>.+?)\n"
    r"\[changing\]\n(?P<rest>.+)\Z",
    re.DOTALL,
)
_SLOT = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One task's prompt; ``version`` names it in answers, as ``draft-1``."""

    name: str
    version: str
    fixed: str
    changing: str

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the changing part; what a value contains is never filled again."""
        return _SLOT.sub(lambda slot: values[slot.group(1)], self.changing)


@cache
def prompt(name: str) -> Prompt:
    """Read a prompt of ours; raises ``ValueError`` when its file is not made so."""
    text = (files("sidecar.prompts") / f"{name}.txt").read_text(encoding="utf-8")
    match = _FILE.match(text)
    if match is None:
        raise ValueError(f"prompts/{name}.txt lacks version, [fixed] or [changing]")
    version = f"{name}-{match['version']}"
    return Prompt(name, version, match["fixed"].strip(), match["rest"].strip())
