"""What every hook refuses, and what it accepts once (reliability rows A01..A23)."""

from __future__ import annotations

import logging

import pytest

from connectors.events import Mode
from tests.contract.connectors.cases import CASES, HookCase
from tests.contract.connectors.conftest import SECRET, Receiver

each_hook = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


@each_hook
def test_a_signed_event_is_stored_before_it_is_answered(
    receiver: Receiver, case: HookCase
) -> None:
    """A valid request is answered 200 and its event is there."""
    answer = receiver.hook(case, case.body())
    assert answer.status == 200, answer
    assert len(receiver.gateway.events) == 1
    assert receiver.gateway.events[0].type.startswith(f"{case.connector}.")


@each_hook
def test_without_a_signature_nothing_is_stored(
    receiver: Receiver, case: HookCase
) -> None:
    """A01: each missing signature header is 401."""
    assert case.signature_headers
    for name in case.signature_headers:
        assert receiver.hook(case, case.body(), drop=(name,)).status == 401
    bare = receiver.send(
        f"/hooks/default/{case.path}", case.body(), {"Content-Type": case.content_type}
    )
    assert bare.status == 401
    assert receiver.gateway.published == 0


@each_hook
def test_the_raw_bytes_are_what_is_signed(receiver: Receiver, case: HookCase) -> None:
    """A02: the same meaning in other bytes is 401."""
    if case.reserialise is None:
        pytest.skip("this hook's body has one spelling only")
    body = case.body()
    other = case.reserialise(body)
    assert other != body
    headers = {"Content-Type": case.content_type}
    headers |= dict(case.sign(SECRET, body, receiver.clock.now()))
    answer = receiver.send(f"/hooks/default/{case.path}", other, headers)
    assert answer.status == 401
    assert receiver.gateway.published == 0


@each_hook
def test_a_signed_body_that_nobody_can_read_is_400_and_kept(
    receiver: Receiver, case: HookCase
) -> None:
    """A04, A05: no UTF-8, no JSON, null, lists, NaN, a key twice: 400, stored once."""
    assert case.unreadable
    for number, body in enumerate(case.unreadable, 1):
        for _ in range(2):
            answer = receiver.hook(case, body)
            assert answer.status == 400, (body[:40], answer)
        kept = receiver.gateway.events
        assert len(kept) == number, body[:40]
        assert kept[-1].type == case.rejected_type
        assert kept[-1].payload


@each_hook
def test_of_what_nobody_signed_nothing_is_kept(
    receiver: Receiver, case: HookCase
) -> None:
    """An unreadable body is 401 without the secret: it is not looked into."""
    for body in case.unreadable:
        assert receiver.hook(case, body, secret="another").status == 401
        assert receiver.hook(case, body, drop=case.signature_headers).status == 401
    assert receiver.gateway.published == 0


@each_hook
def test_what_nobody_can_read_is_not_refused_before_it_is_kept(
    receiver: Receiver, case: HookCase
) -> None:
    """While it cannot be stored a signed body is 503, so that it comes again."""
    assert receiver.hook(case, case.body()).status == 200
    receiver.gateway.full = True
    assert receiver.hook(case, case.unreadable[0]).status == 503
    receiver.gateway.full = False
    assert receiver.hook(case, case.unreadable[0]).status == 400
    assert receiver.gateway.events[-1].type == case.rejected_type


@each_hook
def test_a_signature_is_good_for_five_minutes_both_ways(
    receiver: Receiver, case: HookCase
) -> None:
    """A07: 301 s old or ahead is 401, 299 s is accepted."""
    assert receiver.hook(case, case.body(), ago=301).status == 401
    assert receiver.hook(case, case.body(), ago=-301).status == 401
    assert receiver.gateway.published == 0
    assert receiver.hook(case, case.body(), ago=299).status == 200
    assert receiver.hook(case, case.body(), ago=-299).status == 200


@each_hook
def test_a_repeated_request_is_one_event(receiver: Receiver, case: HookCase) -> None:
    """A08: the same request again is 200 and stored once."""
    body = case.body()
    assert receiver.hook(case, body).status == 200
    assert receiver.hook(case, body).status == 200
    assert len(receiver.gateway.events) == 1


@each_hook
def test_a_late_repeat_with_a_fresh_signature_is_one_event(
    receiver: Receiver, case: HookCase
) -> None:
    """A09: the same event an hour later, signed anew, is 200 and stored once."""
    body = case.body()
    assert receiver.hook(case, body).status == 200
    receiver.clock.at = receiver.clock.at.replace(hour=13)
    assert receiver.hook(case, body).status == 200
    assert len(receiver.gateway.events) == 1


@each_hook
def test_another_workspaces_secret_opens_nothing(
    receiver: Receiver, case: HookCase
) -> None:
    """A12: workspace A's secret on workspace B's address is 401."""
    other = case.set_up("secret-of-workspace-b")
    receiver.gateway.set_up(case.connector, other, workspace="b")
    assert receiver.hook(case, case.body(), workspace="b").status == 401
    assert receiver.gateway.published == 0
    secret = "secret-of-workspace-b"
    own = receiver.hook(case, case.body(), workspace="b", secret=secret)
    assert own.status == 200


@each_hook
def test_a_secret_is_changed_without_a_refusal(
    receiver: Receiver, case: HookCase
) -> None:
    """A13: old and new are both good during the overlap; the old one not after it."""
    receiver.gateway.set_up(case.connector, case.set_up(f"{SECRET} the-new-one"))
    assert receiver.hook(case, case.body()).status == 200
    assert receiver.hook(case, case.body(), secret="the-new-one").status == 200
    receiver.gateway.set_up(case.connector, case.set_up("the-new-one"))
    assert receiver.hook(case, case.body()).status == 401
    assert receiver.hook(case, case.body(), secret="the-new-one").status == 200


@each_hook
def test_without_a_secret_set_nothing_is_accepted(
    receiver: Receiver, case: HookCase
) -> None:
    """An empty secret signs nothing: 401, also for what is signed with nothing."""
    receiver.gateway.set_up(case.connector, case.set_up(""))
    assert receiver.hook(case, case.body(), secret="").status == 401
    assert receiver.hook(case, case.body()).status == 401
    assert receiver.gateway.published == 0


@each_hook
def test_an_unknown_kind_is_stored_for_later(
    receiver: Receiver, case: HookCase
) -> None:
    """A21: unknown kinds and new fields are 200 and kept: a newer vendor is fine."""
    assert receiver.hook(case, case.unknown()).status == 200
    (kept,) = receiver.gateway.events
    assert kept.type.startswith(f"{case.connector}.")
    assert kept.type != case.rejected_type


@each_hook
def test_other_methods_types_and_paths_are_refused(
    receiver: Receiver, case: HookCase
) -> None:
    """A22: other methods 405, other content types 415, other places 404."""
    path = f"/hooks/default/{case.path}"
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
        assert receiver.send(path, method=method).status == 405, method
    for kind in ("text/plain", "text/xml", "multipart/form-data", ""):
        extra = {"Content-Type": kind}
        assert receiver.hook(case, case.body(), extra=extra).status == 415, kind
    for workspace in ("../default", "..%2fdefault", "nobody", "%00", "Default", "a b"):
        found = receiver.hook(case, case.body(), workspace=workspace.replace(" ", "+"))
        assert found.status == 404, workspace
    assert receiver.send(f"{path}/more", b"{}").status == 404
    assert receiver.gateway.published == 0


@each_hook
def test_an_encoded_body_is_refused_unread(receiver: Receiver, case: HookCase) -> None:
    """A14: Content-Encoding is 415, so a small body never grows into a large one."""
    for kind in ("gzip", "deflate", "br", "GZIP", "gzip, identity"):
        extra = {"Content-Encoding": kind}
        assert receiver.hook(case, case.body(), extra=extra).status == 415


@each_hook
def test_what_a_stranger_says_about_its_address_means_nothing(
    receiver: Receiver, case: HookCase, caplog: pytest.LogCaptureFixture
) -> None:
    """A23: proxy headers with markup change nothing and are written nowhere."""
    caplog.set_level(logging.DEBUG)
    evil = "<script>alert(1)</script>"
    names = ("X-Forwarded-For", "CF-Connecting-IP", "X-Forwarded-Host", "Forwarded")
    extra = dict.fromkeys(names, evil)
    accepted = receiver.hook(case, case.body(), extra=extra)
    refused = receiver.hook(case, case.body(), secret="wrong", extra=extra)
    assert (accepted.status, refused.status) == (200, 401)
    assert b"script" not in accepted.body + refused.body
    assert "script" not in caplog.text
    assert all("script" not in str(event.payload) for event in receiver.gateway.events)


@each_hook
def test_a_sidecar_that_is_away_makes_the_sender_come_again(
    receiver: Receiver, case: HookCase
) -> None:
    """What cannot be stored is 503 with a short Retry-After, never 2xx."""
    receiver.gateway.down = True
    answer = receiver.hook(case, case.body())
    assert answer.status == 503
    assert 0 < int(answer.headers["retry-after"]) < 60
    receiver.gateway.down = False
    assert receiver.gateway.events == []


@each_hook
def test_a_connector_that_is_off_keeps_nothing(
    receiver: Receiver, case: HookCase
) -> None:
    """In mode off a valid request is answered and nothing is stored."""
    settings = case.set_up(SECRET)
    receiver.gateway.set_up(case.connector, settings, mode=Mode.OFF)
    assert receiver.hook(case, case.body()).status == 200
    assert receiver.hook(case, case.body(), secret="wrong").status == 401
    assert receiver.hook(case, case.unreadable[0]).status == 400
    assert receiver.gateway.published == 0


@each_hook
def test_no_answer_and_no_log_holds_a_secret(
    receiver: Receiver, case: HookCase, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the secret nor what a customer wrote leaves by an answer or a log."""
    caplog.set_level(logging.DEBUG)
    said = [
        receiver.hook(case, case.body()),
        receiver.hook(case, case.body(), secret="wrong"),
        receiver.hook(case, case.unreadable[0]),
        receiver.hook(case, case.body(), ago=1000),
    ]
    text = caplog.text + str([(a.body, a.headers) for a in said])
    assert SECRET not in text
    assert "Still broken" not in text
    assert "Traceback" not in text
