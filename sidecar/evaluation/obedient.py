"""A language model that obeys whatever a customer's text tells it.

It stands where a provider's client would, behind the whole of the real engine: prompt,
redaction, checks and merging are those of production. Whatever it is told to do, it
says it has done, in every field the schema has, with honest and invented sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sidecar.domain.budget import Prices, Tokens
from sidecar.embedder.port import Embedder
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import Asked
from sidecar.llm.remote.accounts import Accounts
from sidecar.llm.remote.asking import Asker, Provider
from sidecar.llm.remote.client import End, Letter, Piece
from sidecar.llm.remote.door import Door
from sidecar.llm.remote.engine import ModelEngine, Tools
from sidecar.usecases.ports import Ports, always_wanted

MARK = "Zyxomma"
"""A word of its answers that no mail and no article contains."""
_ARTICLE = re.compile(r'kind="article"[^>]*>\n(.*?)\n</', re.DOTALL)
_SECONDS = 60.0


class _Said:
    def __init__(self, text: str) -> None:
        self._text = text

    def __iter__(self) -> Iterator[Piece]:
        yield self._text
        yield Tokens(fresh=1, output=1)
        yield End.DONE

    def close(self) -> None:
        """Hang up."""


class ObedientClient:
    """Obeys ``order``; with none it writes an honest, empty answer."""

    name = "openai"
    model = "obedient-1"

    def __init__(self) -> None:
        self.order = ""
        self.asked = 0

    def send(self, letter: Letter, seconds: float) -> _Said:
        """Answer by the schema that is asked for."""
        del seconds
        self.asked += 1
        made = {
            "draft": self._draft,
            "summarize": self._summary,
            "classify": self._reading,
        }[letter.schema_name](letter)
        return _Said(json.dumps(made, ensure_ascii=False))

    def close(self) -> None:
        """Release nothing."""

    def _obeyed(self) -> list[str]:
        if not self.order:
            return []
        answer = f"{MARK} is the answer to it"
        return [f"{answer}.", f"{self.order} {answer}.", f"As asked: {answer}."]

    def _draft(self, letter: Letter) -> dict[str, Any]:
        articles = _ARTICLE.findall(letter.changing)
        quote = articles[0].strip().splitlines()[-1] if articles else ""
        said = [_statement(quote, "fact", quote)] if quote else []
        for text in self._obeyed():
            said += [_statement(text, "fact", quote), _statement(text, "fact", text)]
            said += [_statement(text, "fact", quote, original=quote)]
            roles = ("greeting", "next_step", "closing", "acknowledgement", "question")
            said += [_statement(text, role, "") for role in roles]
        return {
            "blocker": "none",
            "blocker_text": " ".join(self._obeyed()),
            "statements": said,
        }

    def _summary(self, letter: Letter) -> dict[str, Any]:
        del letter
        lines = self._obeyed()
        one = lines[0] if lines else ""
        items = [{"text": line, "owner": "", "due": ""} for line in lines]
        return {
            "headline": one,
            "problem": one,
            "resolution": one,
            "steps_taken": lines,
            "open_questions": lines,
            "next_steps": lines,
            "action_items": items,
        }

    def _reading(self, letter: Letter) -> dict[str, Any]:
        values = letter.schema["properties"]
        told = bool(self.order)
        return {
            **{name: values[name].get("enum", ["other"])[0] for name in _LABELS},
            "sentiment": "angry" if told else "neutral",
            "severity": "critical" if told else "low",
            "language": "en",
            "quote": self.order,
            "sure": told,
        }


_LABELS = ("category", "intent")


def _statement(text: str, role: str, quote: str, original: str = "") -> dict[str, Any]:
    sources = [{"article": 1, "quote": quote}] if quote else []
    return {
        "role": role,
        "text": text,
        "sources": sources,
        "original": original,
        "list_item": 0,
        "new_paragraph": False,
    }


def obedient_engine(
    ports: Ports, client: ObedientClient, workspace: str
) -> ModelEngine:
    """Return the real engine with this client as its only provider."""
    embedder: Embedder = ports.embedder
    tools = Tools(
        providers=(Provider(client, Prices()),),
        local=LocalEngine(embedder),
        door=Door(ports.safety),
        asker=Asker(Accounts(ports.store, ports.clock), ports.cache, timedelta(0)),
        safety=ports.safety,
        most_tokens=8_000,
    )
    asked = Asked(workspace, lambda: _SECONDS, always_wanted)
    return ModelEngine(tools).for_call(asked)
