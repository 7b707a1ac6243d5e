"""From an opened house to what a server is wired with."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sidecar import logs
from sidecar.domain.access import AuditEntry
from sidecar.errors import DesksideError
from sidecar.rpc.once import Once
from sidecar.rpc.pages import PageTokens
from sidecar.rpc.registry import methods
from sidecar.rpc.servicers.desk import Desk
from sidecar.settings import is_loopback
from sidecar.usecases.access import authenticate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sidecar.bootstrap import House
    from sidecar.cache.port import RateLimiter
    from sidecar.domain.access import Principal
    from sidecar.usecases.ports import Ports

_LOG = logging.getLogger("sidecar.server")
# Somebody who tries all doors fills one page of the audit log, not the disk.
_AUDITED_A_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a server needs from the rest of the house."""

    methods: Mapping[str, Any]
    authenticate: Callable[[str], Principal]
    audit: Callable[[Principal, str, str, str], None]
    ping: Callable[[], None]
    limiter: RateLimiter


def wiring_of(house: House) -> Wiring:
    """Return the server's wiring for this house."""
    ports = house.ports
    settings = house.settings
    desk = Desk(
        *(ports, Once(ports.store), PageTokens(house.secret), settings.demo),
        test_hosts=settings.allow_test_hosts,
        private=bool(settings.tls_cert) or is_loopback(settings.sidecar_address),
    )
    return Wiring(
        methods=methods(desk),
        authenticate=partial(authenticate, ports),
        audit=partial(_audit, house),
        ping=ports.store.ping,
        limiter=house.limiter,
    )


def _audit(
    house: House, caller: Principal, action: str, target: str, request_id: str
) -> None:
    bucket = f"audit:{caller.workspace}:{caller.key_id}"
    if house.limiter.hit(bucket, _AUDITED_A_MINUTE) is not None:
        return
    try:
        _write(house.ports, caller, action, target, request_id)
    except DesksideError as error:
        # The refusal stands whether it can be written down or not.
        logs.event(_LOG, logging.WARNING, "audit.lost", reason=error.reason.value)


def _write(
    ports: Ports, caller: Principal, action: str, target: str, request_id: str
) -> None:
    entry = AuditEntry(0, ports.clock.now(), caller.actor, action, target, request_id)
    with ports.store.transaction(durable=False) as tx:
        tx.access.add_audit(caller.workspace, entry)
