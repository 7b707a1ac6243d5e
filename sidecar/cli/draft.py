"""The command that writes a reply, sentence by sentence as each is checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from sidecar.cli.assist import found, target_of, target_options
from sidecar.cli.connection import PATIENT, connect
from sidecar.cli.console import (
    clean,
    json_option,
    note,
    on_terminal,
    one_line,
    say,
    show_heading,
    show_json,
    show_record,
    word,
)

if TYPE_CHECKING:
    from sidecar.v1 import assist_pb2

PURPOSES = (
    "initial-response",
    "status-update",
    "clarification",
    "escalation",
    "resolution",
)
TONES = ("neutral", "friendly", "formal", "empathetic")


@click.command()
@target_options
@click.option(
    "--purpose", type=click.Choice(PURPOSES), default=PURPOSES[0], show_default=True
)
@click.option("--tone", type=click.Choice(TONES), help="Default: the workspace's own.")
@click.option("--language", default="", help="BCP 47 tag. Default: the customer's.")
@click.option("--instructions", default="", help="What you want said.")
@json_option
def draft(
    text: str | None,
    ticket_id: str,
    subject: str,
    purpose: str,
    tone: str | None,
    language: str,
    instructions: str,
    as_json: bool,
) -> None:
    """Write a reply from the team's knowledge, with its sources.

    Sentences appear as soon as their claims were checked; the finished draft below
    them decides. When no honest reply can be written, the blocker is named instead
    of a reply. Only documents marked PUBLIC are cited. TEXT is kept as a ticket of
    the connector `cli`.

    \b
    Examples:
      deskside draft "How do I reset my password?"
      deskside draft --ticket tkt_0123 --purpose status-update --tone formal
      deskside draft - --json < mail.txt

    Exit status: 0 done (also when a person is needed), 1 failed, 2 wrong use.
    """
    target = target_of(text, ticket_id, subject)
    with connect() as client:
        from sidecar.v1 import assist_pb2

        request = assist_pb2.StreamDraftReplyRequest(
            purpose=assist_pb2.DraftPurpose.Value(
                f"DRAFT_PURPOSE_{purpose.upper().replace('-', '_')}"
            ),
            tone=assist_pb2.Tone.Value(f"TONE_{(tone or 'unspecified').upper()}"),
            language=language,
            instructions=instructions,
            **found(client, target),
        )
        steps = client.assist.StreamDraftReply(request, timeout=PATIENT)
        live = on_terminal() and not as_json
        made, streamed = _follow(steps, live)
    if as_json:
        from sidecar.cli.console import as_dict

        show_json({"draft": as_dict(made)})
    else:
        _show(made, streamed)


def _follow(
    steps: Iterable[assist_pb2.StreamDraftReplyResponse], live: bool
) -> tuple[assist_pb2.Draft, str]:
    """Return the finished draft and what was shown of it on the way."""
    streamed = ""
    for step in steps:
        kind = step.WhichOneof("step")
        if kind == "draft":
            return step.draft, streamed
        if live and kind == "sentence":
            streamed += step.sentence.text
            marks = "".join(f"[{item.marker}]" for item in step.sentence.citations)
            text = step.sentence.text
            end = text[len(text.rstrip()) :]
            print(f"{clean(text.rstrip())}{marks}{clean(end)}", end="", flush=True)
    raise click.ClickException("The sidecar ended the draft without its last step.")


def _show(made: assist_pb2.Draft, streamed: str) -> None:
    if streamed:
        print()
    if streamed and streamed != made.text:
        note("The finished draft differs from what was shown on the way:")
    if made.HasField("blocker"):
        say(f"A person is needed: {made.blocker_text or word(made, 'blocker')}")
        for item in made.missing_information:
            say(f"  ask for: {item}")
    elif streamed != made.text:
        say(_with_marks(made))
    if made.citations:
        say()
        show_heading("Sources")
        for source in made.citations:
            say(f"[{source.marker}] {one_line(source.title)}  {source.url}".rstrip())
            say(f'    "{one_line(source.quote, 200)}"')
    say()
    show_record(
        [
            ("Outcome", f"{word(made, 'outcome')} ({made.confidence:.0%})"),
            ("Note", "\n".join(warning_words(made))),
            ("Engine", f"{word(made, 'engine')}, {made.model}"),
            ("Draft", made.draft_id),
            ("Ticket", made.ticket_id),
        ]
    )


def _with_marks(made: assist_pb2.Draft) -> str:
    if "".join(sentence.text for sentence in made.sentences) != made.text:
        return made.text
    parts = []
    for sentence in made.sentences:
        body = sentence.text.rstrip()
        marks = "".join(f"[{item.marker}]" for item in sentence.citations)
        parts.append(f"{body}{marks}{sentence.text[len(body) :]}")
    return "".join(parts)


def warning_words(made: assist_pb2.Draft | assist_pb2.Summary) -> list[str]:
    """Return the warnings of a result in words."""
    from sidecar.v1 import common_pb2

    names = [common_pb2.Warning.Name(value) for value in made.warnings]
    return [name.removeprefix("WARNING_").lower().replace("_", " ") for name in names]
