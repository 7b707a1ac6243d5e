"""A whole house with a double of a provider behind it, called by real gRPC."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sidecar.bootstrap import House, open_house
from sidecar.client import SidecarClient
from sidecar.domain.access import Role
from sidecar.furnish import wiring_of
from sidecar.llm.remote.engine import ModelEngine
from sidecar.rpc.interceptors.pace import Limits
from sidecar.server import Options, SidecarServer
from sidecar.settings import Settings
from sidecar.usecases.access import add_key
from sidecar.usecases.draft_reply import SET_ASIDE
from sidecar.v1 import assist_pb2 as pb
from sidecar.v1 import common_pb2, knowledge_pb2, ticket_pb2
from tests.doubles.honest_model import honest
from tests.doubles.providers import Asked, ProviderDouble, provider
from tests.flow.guarded_house import release_all

ARTICLE = """Returning a device

You can return any device within 14 days of delivery. Print the return label in the
portal and put it on the parcel.
"""
ARTICLE_URL = "https://help.acme.test/returns"
QUESTION = "How do I return a device? Where do I find the return label?"


@dataclass
class ModelHouse:
    """The running house, its client and the double; ``deadline`` is every call's."""

    house: House
    client: SidecarClient
    double: ProviderDouble
    other: ProviderDouble | None = None
    deadline: float = 6.0
    took: float = 0.0
    _number: int = 0
    keys: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget faults, what was seen, and what the breakers know."""
        self.double.reset()
        if self.other is not None:
            self.other.reset()
        engine = self.house.ports.engine
        assert isinstance(engine, ModelEngine)
        for known in engine._tools.providers:
            known.gate.__init__()  # type: ignore[misc]  # as new

    def ticket(self, body: str = QUESTION, **more: Any) -> ticket_pb2.Ticket:
        """Return a new ticket of one message."""
        self._number += 1
        given = {"subject": "Return of a device", "name": "Jo Miller", **more}
        number = given.get("number", f"T-{self._number}-{time.monotonic_ns()}")
        message = ticket_pb2.Message(
            external_id=f"{number}-1",
            author=ticket_pb2.Author(
                role=ticket_pb2.AUTHOR_ROLE_CUSTOMER, name=given["name"]
            ),
            body=body,
        )
        if "file_name" in given:
            message.attachments.add(external_id="a", file_name=given["file_name"])
        return ticket_pb2.Ticket(
            external_id=number,
            connector="test",
            subject=given["subject"],
            messages=[message],
            customer=ticket_pb2.Customer(
                external_id=f"c-{number}",
                name=given["name"],
                email=given.get("email", "jo@customer.test"),
            ),
        )

    def classify(self, ticket: ticket_pb2.Ticket, **more: Any) -> Any:
        """Classify within the deadline."""
        request = pb.ClassifyRequest(ticket=ticket, **more)
        return self._timed(self.client.assist.Classify, request).classification

    def draft(self, ticket: ticket_pb2.Ticket, **more: Any) -> Any:
        """Draft within the deadline; what was set aside is released first.

        The guards must hold without quarantine.
        """
        request = pb.DraftReplyRequest(ticket=ticket, **more)
        draft = self._timed(self.client.assist.DraftReply, request).draft
        if draft.blocker_text != SET_ASIDE:
            return draft
        release_all(self.house.ports)
        return self._timed(self.client.assist.DraftReply, request).draft

    def summarize(self, ticket: ticket_pb2.Ticket, **more: Any) -> Any:
        """Summarise within the deadline."""
        request = pb.SummarizeRequest(ticket=ticket, **more)
        return self._timed(self.client.assist.Summarize, request).summary

    def stream(self, ticket: ticket_pb2.Ticket, **more: Any) -> list[Any]:
        """Return every step of a streamed draft."""
        request = pb.StreamDraftReplyRequest(ticket=ticket, **more)

        def all_of(request: Any, timeout: float) -> list[Any]:
            return list(self.client.assist.StreamDraftReply(request, timeout=timeout))

        steps: list[Any] = self._timed(all_of, request)
        if SET_ASIDE in repr(steps):
            release_all(self.house.ports)
            steps = self._timed(all_of, request)
        return steps

    def _timed(self, call: Callable[..., Any], request: Any) -> Any:
        started = time.monotonic()
        answer = call(request, timeout=self.deadline)
        self.took = time.monotonic() - started
        return answer

    def learn(self, text: str, name: str, url: str = ARTICLE_URL, **more: Any) -> None:
        """Add a public article."""
        header = knowledge_pb2.AddDocumentHeader(
            file_name=name,
            source_url=url,
            visibility=common_pb2.VISIBILITY_PUBLIC,
            **more,
        )
        self.client.upload(text.encode(), header)


def is_degraded(answer: Any) -> bool:
    """Say whether an answer says that the local engine stood in."""
    marked = common_pb2.WARNING_DEGRADED in answer.warnings
    return marked and answer.engine == common_pb2.ENGINE_LOCAL


@contextmanager
def model_house(
    folder: Path,
    llm: str = "openai",
    answers: Callable[[Asked], str] = honest,
    with_other: bool = False,
    **settings: Any,
) -> Iterator[ModelHouse]:
    """Run a house whose provider is a double; ``with_other`` sets up both."""
    with provider(answers) as double, provider(answers) as other:
        addresses = {llm: double, "other": other}
        chosen = {
            "openai_base_url": addresses.get("openai", other).openai_url,
            "anthropic_base_url": addresses.get("anthropic", other).anthropic_url,
            "llm": llm,
            "openai_api_key": "sk-test" if llm == "openai" or with_other else "",
            "anthropic_api_key": "sk-ant" if llm == "anthropic" or with_other else "",
            "allow_test_hosts": True,
            "embedder": "none",
            "llm_cache_seconds": 0,
            **settings,
        }
        house = open_house(Settings(data_dir=folder, **chosen))
        many = Limits(10**9, 10**9, 10**9)
        server = SidecarServer(wiring_of(house), Options(limits=many))
        server.start()
        with house.ports.store.transaction() as tx:
            _, key = add_key(
                tx, house.ports, "default", "t", Role.ADMIN, "", None, "test"
            )
            _, theirs = add_key(
                tx, house.ports, "elsewhere", "t", Role.ADMIN, "", None, "test"
            )
        address = f"127.0.0.1:{server.port}"
        with SidecarClient(address, key) as client:
            made = ModelHouse(house, client, double, other if with_other else None)
            made.keys = {"default": key, "elsewhere": theirs, "address": address}
            made.learn(ARTICLE, "returns.txt")
            try:
                yield made
            finally:
                server.stop(0.5)
                house.close()
