"""Who is calling, and may they? Decided by the bearer and by nothing in the request."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from sidecar.domain.permissions import may
from sidecar.errors import AskSomebodyElse, Reason, SignIn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sidecar.domain.access import Principal

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_MAX_BEARER = 4096
_SCHEME = "bearer "

Metadata = dict[str, str]


def read_metadata(pairs: Iterable[tuple[str, str | bytes]]) -> Metadata:
    """Return the text metadata of a call; binary values and repeats are left out."""
    found: Metadata = {}
    for key, value in pairs:
        if isinstance(value, str):
            found.setdefault(key, value)
    return found


def request_id_of(metadata: Mapping[str, str]) -> str:
    """Return the caller's request id when it is well-formed, else a new one."""
    given = metadata.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def bearer_of(metadata: Mapping[str, str]) -> str:
    """Return the key or session token; raises ``SignIn`` when there is none."""
    given = metadata.get("authorization", "")
    token = given[len(_SCHEME) :].strip()
    if given[: len(_SCHEME)].lower() != _SCHEME or not token:
        raise SignIn(Reason.CREDENTIALS_MISSING)
    if len(token) > _MAX_BEARER or not token.isascii() or not token.isprintable():
        raise SignIn(Reason.CREDENTIALS_INVALID)
    return token


def check_permission(caller: Principal, method: str) -> None:
    """Raise ``AskSomebodyElse`` unless the table lets the caller's role in."""
    if not may(caller.role, method):
        raise AskSomebodyElse(
            Reason.PERMISSION_MISSING, f"{caller.role.value} may not call {method}"
        )


def check_certificate(
    names: frozenset[str], peer: Mapping[str, Iterable[bytes]]
) -> None:
    """With mutual TLS, let in only certificates with one of ``names``; empty: all.

    The authority alone says only that it signed a certificate, not for whom.
    """
    if not names:
        return
    presented = {
        value.decode("utf-8", "replace")
        for field in ("x509_subject_alternative_name", "x509_common_name")
        for value in peer.get(field, ())
    }
    if not presented & names:
        raise AskSomebodyElse(Reason.PERMISSION_MISSING, "certificate not on the list")
