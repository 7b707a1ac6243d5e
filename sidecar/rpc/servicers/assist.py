"""Classify, retrieve, draft, summarise, escalate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sidecar.llm.port import Asked
from sidecar.rpc.translate import assist, drafts
from sidecar.rpc.translate.tickets import target
from sidecar.usecases.accounts import acting_for
from sidecar.usecases.classify import classify
from sidecar.usecases.draft_reply import draft_reply
from sidecar.usecases.escalate import escalate
from sidecar.usecases.retrieve import retrieve
from sidecar.usecases.summarize import summarize
from sidecar.usecases.targets import stored_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.domain.reply import Draft
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.usecases.ports import Finish, Ports
    from sidecar.v1 import assist_pb2 as pb


class Assist:
    """``AssistService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def _bound(self, request: Any, call: Call) -> Ports:
        """Return the ports with the engine that this request asks for."""
        engine = self._ports.engine
        local_only = assist.check_engine(request, engine.name)
        asked = Asked(
            workspace=call.caller.workspace,
            seconds_left=lambda: call.remaining,
            wanted=call.wanted,
            local_only=local_only,
        )
        return replace(self._ports, engine=engine.for_call(asked))

    def classify(self, request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
        """Find out what a ticket is about and how much it matters."""
        ports = self._bound(request, call)
        asked = target(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: classify(ports, call.caller, asked, finish),
            assist.classified,
        )

    def retrieve(self, request: pb.RetrieveRequest, call: Call) -> pb.RetrieveResponse:
        """Find passages that answer a question."""
        command = assist.retrieve_command(request)
        return assist.retrieved(retrieve(self._ports, call.caller, command), command)

    def draft_reply(
        self, request: pb.DraftReplyRequest, call: Call
    ) -> pb.DraftReplyResponse:
        """Write a reply; the answer comes when every sentence is checked."""
        ports = self._bound(request, call)
        command = assist.draft_command(request)

        def work(finish: Finish[Draft]) -> Draft:
            *_, draft = draft_reply(ports, call.caller, command, finish, call.wanted)
            return draft  # type: ignore[return-value]  # the draft comes last

        return self._desk.once.run(call, request, work, drafts.response)

    def stream_draft_reply(
        self, request: pb.StreamDraftReplyRequest, call: Call
    ) -> Iterator[pb.StreamDraftReplyResponse]:
        """Write a reply, sentence by checked sentence."""
        ports = self._bound(request, call)
        command = assist.draft_command(request)

        def work(finish: Finish[Draft]) -> Iterator[object]:
            return drafts.placed(
                draft_reply(ports, call.caller, command, finish, call.wanted)
            )

        return self._desk.once.stream(call, request, work, drafts.step)

    def summarize(
        self, request: pb.SummarizeRequest, call: Call
    ) -> pb.SummarizeResponse:
        """Say what happened in a ticket and what is to be done."""
        ports = self._bound(request, call)
        assist.summary_kind(request)
        ticket = stored_target(self._ports, call.caller, target(request))
        command = assist.summarize_command(request, ticket)
        return self._desk.once.run(
            call,
            request,
            lambda _: summarize(ports, call.caller, command),
            lambda summary: assist.summarized(summary, ticket),
        )

    def escalate(self, request: pb.EscalateRequest, call: Call) -> pb.EscalateResponse:
        """Raise an escalation by hand."""
        command = assist.escalate_command(request)
        account = assist.on_behalf_of(request)
        caller = acting_for(self._ports, call.caller, account, call.rpc.path)
        return self._desk.once.run(
            call,
            request,
            lambda finish: escalate(self._ports, caller, command, finish),
            assist.escalated,
        )
