"""Any ticket, classification, draft … that the domain allows, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from sidecar.domain import classification as cl
from sidecar.domain import escalation as es
from sidecar.domain import knowledge as kn
from sidecar.domain import reply as rp
from sidecar.domain import ticket as tk

# Lone surrogates are no text: the door removes them (sidecar/domain/text.py).
CHARACTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.text(CHARACTERS, max_size=40)
CODES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_. Ä😀", max_size=30)
NAMES = st.text(CHARACTERS, min_size=1, max_size=40)
SHARES = st.floats(0, 1)
LANGUAGES = st.sampled_from(["", "en", "de", "pt-BR", "zh-Hant"])
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
MOMENTS = st.datetimes(
    datetime.fromisoformat("1990-01-01"),
    datetime.fromisoformat("2090-01-01"),
    timezones=ZONES,
)
MAYBE_MOMENTS = st.none() | MOMENTS


def tuples(items: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    """Return a tuple of up to ``most`` items."""
    return st.lists(items, max_size=most).map(tuple)


ATTACHMENTS = st.builds(
    tk.Attachment, CODES, WORDS, CODES, st.integers(0, 2**40), WORDS
)
AUTHORS = st.builds(tk.Author, st.sampled_from(tk.AuthorRole), CODES, WORDS)
MESSAGES = st.builds(
    tk.Message,
    external_id=NAMES.filter(lambda name: not name.startswith("~")),
    author=AUTHORS,
    body=WORDS,
    internal=st.booleans(),
    sent_at=MAYBE_MOMENTS,
    attachments=tuples(ATTACHMENTS),
)
CUSTOMERS = st.builds(
    tk.Customer,
    external_id=CODES,
    email=WORDS,
    name=WORDS,
    tier=st.sampled_from(tk.CustomerTier),
)
TICKETS = st.builds(
    tk.Ticket,
    external_id=NAMES,
    connector=CODES,
    subject=WORDS,
    messages=st.lists(MESSAGES, max_size=5, unique_by=lambda m: m.external_id).map(
        tuple
    ),
    customer=CUSTOMERS,
    channel=CODES,
    status=st.sampled_from(tk.TicketStatus),
    vendor_priority=WORDS,
    tags=tuples(WORDS),
    url=WORDS,
    product_area=WORDS,
    resolution=WORDS,
    created_at=MAYBE_MOMENTS,
    updated_at=MAYBE_MOMENTS,
    assignee=WORDS,
)
SPANS = st.builds(
    cl.Span,
    st.sampled_from(["subject", "message"]),
    st.integers(0, 9999),
    st.integers(0, 9999),
    CODES,
)
REASONS = st.builds(cl.Reason, st.sampled_from(cl.ReasonCode), WORDS, st.none() | SPANS)
PREDICTIONS = st.builds(
    cl.Prediction,
    WORDS,
    SHARES,
    tuples(st.builds(cl.Alternative, WORDS, SHARES)),
    st.sampled_from(cl.Decision),
)
CLASSIFICATIONS = st.builds(
    cl.Classification,
    category=PREDICTIONS,
    intent=PREDICTIONS,
    sentiment=st.sampled_from(cl.Sentiment),
    severity=st.sampled_from(cl.Severity),
    priority=st.integers(1, 10),
    risk=SHARES,
    language=LANGUAGES,
    reasons=tuples(REASONS),
    engine=CODES,
    model=WORDS,
    config_version=CODES,
    ticket_etag=CODES,
    sentiment_trend=tuples(st.sampled_from(cl.Sentiment)),
    degraded=st.booleans(),
    created_at=MOMENTS,
)
CITATIONS = st.builds(
    rp.Citation,
    *(st.integers(1, 99), CODES, CODES, WORDS, WORDS, WORDS),
    st.sampled_from(kn.Visibility),
)
SENTENCES = st.builds(
    rp.Sentence,
    WORDS,
    st.sampled_from(rp.SentenceRole),
    tuples(st.integers(1, 99)),
    st.booleans(),
    st.integers(0, 9),
)
COUNTS = st.integers(0, 2**50)
DRAFTS = st.builds(
    rp.Draft,
    text=WORDS,
    sentences=tuples(SENTENCES),
    citations=tuples(CITATIONS),
    outcome=st.sampled_from(rp.Outcome),
    blocker=st.sampled_from(rp.Blocker),
    confidence=SHARES,
    grounded_share=SHARES,
    warnings=tuples(st.sampled_from(rp.Warning)),
    language=LANGUAGES,
    purpose=st.sampled_from(rp.Purpose),
    tone=st.sampled_from(rp.Tone),
    template_id=CODES,
    engine=CODES,
    model=WORDS,
    usage=st.builds(rp.Usage, COUNTS, COUNTS, COUNTS),
    ticket_etag=CODES,
    blocker_text=WORDS,
    created_at=MOMENTS,
    created_by=WORDS,
)
FEEDBACK = st.builds(
    tk.Feedback,
    ticket_id=st.just(""),
    kind=st.sampled_from(tk.FeedbackKind),
    actor=WORDS,
    draft_id=CODES,
    field=CODES,
    value=WORDS,
    edited_text=WORDS,
    comment=WORDS,
    at=MOMENTS,
)
TEMPLATES = st.builds(
    rp.ReplyTemplate,
    id=NAMES.map(lambda name: name.encode().hex()[:60]),
    name=WORDS,
    purpose=st.sampled_from(rp.Purpose),
    language=LANGUAGES,
    body=WORDS,
    category=WORDS,
    severity=CODES.map(lambda code: code[:16]),
    built_in=st.just(False),
)
DOCUMENTS = st.builds(
    kn.Document,
    id=st.just(""),
    title=WORDS,
    source=WORDS,
    source_url=WORDS,
    visibility=st.sampled_from(kn.Visibility),
    language=LANGUAGES,
    tags=tuples(WORDS),
    state=st.just(kn.DocumentState.INDEXING),
    sha256=st.just("a" * 64),
    size_bytes=COUNTS,
    file_name=WORDS,
    media_type=CODES,
    version=st.integers(1, 9999),
    valid_until=MAYBE_MOMENTS,
    created_at=MOMENTS,
    updated_at=MOMENTS,
    created_by=WORDS,
)
ESCALATIONS = st.builds(
    es.Escalation,
    id=st.just(""),
    ticket_id=st.just(""),
    state=st.sampled_from(es.EscalationState),
    level=st.integers(1, 3),
    reasons=tuples(REASONS),
    assignee=WORDS,
    etag=st.just(""),
    created_at=MOMENTS,
    updated_at=MOMENTS,
    created_by=WORDS,
    note=WORDS,
)
