"""Stored shapes: read back what was written, refuse what is unknown."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.classification import Classification
from sidecar.domain.reply import Draft
from sidecar.domain.ticket import Attachment
from sidecar.errors import MendRequest, Reason
from sidecar.store import encode, paging
from tests.contract.store import strategies as any_


@given(item=any_.CLASSIFICATIONS)
def test_a_classification_is_read_as_written(item: Classification) -> None:
    """Every nested part survives the text."""
    fields = encode.decode_classification(encode.encode_classification(item))
    assert fields["category"] == item.category
    assert fields["intent"] == item.intent
    assert fields["reasons"] == item.reasons
    assert fields["sentiment_trend"] == item.sentiment_trend


@given(item=any_.DRAFTS)
def test_a_draft_is_read_as_written(item: Draft) -> None:
    """Sentences, citations and warnings survive the text."""
    fields = encode.decode_draft(encode.encode_draft(item))
    assert fields["sentences"] == item.sentences
    assert fields["citations"] == item.citations
    assert fields["warnings"] == item.warnings


@given(items=any_.tuples(any_.ATTACHMENTS), tags=any_.tuples(any_.WORDS))
def test_lists_are_read_as_written(
    items: tuple[Attachment, ...], tags: tuple[str, ...]
) -> None:
    """Empty ones too."""
    assert encode.decode_attachments(encode.encode_attachments(items)) == items
    assert encode.decode_strings(encode.encode_strings(tags)) == tags


def test_the_shapes_of_version_1_stay_readable() -> None:
    """Rows of the first release, as they lie in customers' databases."""
    reasons = '{"v":1,"items":[["keyword","why",["subject",0,4,"m"]],["risk","",null]]}'
    assert [r.code.value for r in encode.decode_reasons(reasons)] == ["keyword", "risk"]
    files = '{"v":1,"items":[["id","a.txt","text/plain",3,"u"]]}'
    assert encode.decode_attachments(files) == (
        Attachment("id", "a.txt", "text/plain", 3, "u"),
    )
    draft = (
        '{"v":1,"sentences":[["Hi","greeting",[1],true,0]],'
        '"citations":[[1,"p","d","t","u","q","internal"]],"warnings":["degraded"]}'
    )
    assert encode.decode_draft(draft)["citations"][0].visibility.value == "internal"


@pytest.mark.parametrize("text", ['{"v":2,"items":[]}', '{"items":[]}'])
def test_a_shape_of_an_unknown_version_is_refused(text: str) -> None:
    """A newer shape is never misread as an old one."""
    with pytest.raises(ValueError, match="version"):
        encode.decode_reasons(text)


def accepted(text: str) -> bool:
    """Say whether a cursor was read; anything but its refusal is a fault."""
    try:
        paging.read_cursor(text, paging.read_moment)
    except MendRequest as refused:
        if refused.reason is not Reason.PAGE_TOKEN_INVALID:
            raise
        return False
    return True


@given(text=st.text())
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    """Reading a cursor raises nothing but its refusal."""
    assert not accepted(text)


@given(value=st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_any_json_is_a_cursor_or_refused(value: object) -> None:
    """JSON of another shape is refused in the same way."""
    assert not accepted(json.dumps(value))


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '["0001-01-01T00:00+23:00","a"]', '["2026-01-01T00:00","a"]'],
)
def test_a_malicious_cursor_is_refused(text: str) -> None:
    """Depth and impossible moments are refused too."""
    assert not accepted(text)


@given(at=any_.MOMENTS, own_id=any_.CODES)
def test_a_cursor_is_read_as_written(at: datetime, own_id: str) -> None:
    """The place after a row is found again, in UTC."""
    cursor = paging.moment_cursor(at, own_id)
    assert paging.read_cursor(cursor, paging.read_moment) == (at, own_id)
