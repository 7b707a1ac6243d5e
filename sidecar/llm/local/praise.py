"""What a customer praises, for tickets that report nothing."""

from __future__ import annotations

from sidecar.domain.classification import Sentiment
from sidecar.domain.ticket import AuthorRole, Ticket
from sidecar.llm.local.features import content_stems
from sidecar.llm.local.headline import cleaned
from sidecar.llm.local.question import REQUEST_CUES
from sidecar.llm.local.sentiment import scan, sentiment_of
from sidecar.llm.local.thread import Line
from sidecar.llm.local.ticket_text import message_sections, subject_section

_ASKING = REQUEST_CUES | {"ask"}
_TELLING = 3


def praise_of(ticket: Ticket, lines: list[Line], spoken: tuple[str, ...]) -> str:
    """Return the sentence that praises when the first turn is praise, else ''.

    A subject that praises is enough; of several sentences the one that says most is
    taken. A story around it is no headline.
    """
    if not ticket.customer_messages:
        return ""
    first = ticket.customer_messages[0]
    sections = (subject_section(ticket), *message_sections(first))
    tone, _ = sentiment_of(tuple(scan(section, spoken) for section in sections))
    if tone is not Sentiment.POSITIVE:
        return ""
    hits = scan(sections[0], spoken).hits
    if any(hit.kind == "positive" for hit in hits):
        return ticket.subject
    own = [x for x in lines if x.role is AuthorRole.CUSTOMER and not x.internal]
    own = [x for x in own if x.turn == own[0].turn]
    if any(x.is_question or x.kinds & _ASKING for x in own):
        return ""
    praising = [x for x in own if _praises(x)]
    best = max(praising, key=lambda x: len(content_stems(x.text)), default=None)
    # "Thank you very much" under a request is manners and no headline.
    if best is None or len(content_stems(best.text)) < _TELLING:
        return ""
    return cleaned(best.text, spoken).lstrip(": ")


def _praises(line: Line) -> bool:
    return "positive" in line.kinds and not line.kinds & {"negators", "polite"}
