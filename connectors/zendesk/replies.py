"""What became of a draft: the reply really sent, compared with it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from difflib import SequenceMatcher

from connectors.zendesk.conversation import Comment, Thread
from sidecar.v1 import assist_pb2
from sidecar.v1 import ticket_pb2 as pb
from sidecar.v1 import ticket_service_pb2 as tickets_pb2

# Zendesk's clock and ours may differ, and Zendesk drops fractions of a second.
_SKEW = timedelta(seconds=60)
_SAME = 0.97
_KEPT = 0.35
_WORD = re.compile(r"\w+")
_MARKER = re.compile(r"\[\d{1,3}\]")
_LONGEST = 20_000


def reply_to(draft: assist_pb2.Draft, thread: Thread) -> Comment | None:
    """Return the first public reply of an agent that came after a draft, if any.

    It must follow the customer's words that the draft answered, and come before the
    customer's next ones.
    """
    made = draft.created_at.ToDatetime(tzinfo=UTC)
    public = thread.public
    start = -1
    for position, comment in enumerate(public):
        asked = comment.role == pb.AUTHOR_ROLE_CUSTOMER and comment.sent_at
        if asked and comment.sent_at and comment.sent_at <= made + _SKEW:
            start = position
    if start < 0:
        return None
    for comment in public[start + 1 :]:
        if comment.role == pb.AUTHOR_ROLE_CUSTOMER:
            return None
        if comment.sent_at and comment.sent_at >= made - _SKEW:
            return comment
    return None


def first_replies(thread: Thread) -> list[Comment]:
    """Return each public reply of an agent that follows a customer's words."""
    agent, customer = pb.AUTHOR_ROLE_AGENT, pb.AUTHOR_ROLE_CUSTOMER
    turns = zip(thread.public, thread.public[1:], strict=False)
    return [b for a, b in turns if a.role == customer and b.role == agent]


def kind_of(draft: str, sent: str) -> tickets_pb2.FeedbackKind.ValueType:
    """Say whether a draft was sent as it was, with changes, or not at all.

    A greeting or signature around the draft is a change; a reply that keeps about a
    third of its words in their order still is the draft, edited.
    """
    wanted, found = _words(draft), _words(sent)
    if not wanted:
        return tickets_pb2.FEEDBACK_KIND_IGNORED
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    if matcher.ratio() >= _SAME:
        return tickets_pb2.FEEDBACK_KIND_USED
    # Single words in common are chance; runs of three are not.
    kept = sum(b.size for b in matcher.get_matching_blocks() if b.size >= 3)
    if kept / len(wanted) >= _KEPT:
        return tickets_pb2.FEEDBACK_KIND_EDITED
    return tickets_pb2.FEEDBACK_KIND_IGNORED


def _words(text: str) -> list[str]:
    plain = _MARKER.sub(" ", text[:_LONGEST])
    return [word.lower() for word in _WORD.findall(plain)][:1500]
