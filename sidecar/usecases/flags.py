"""Switches of a workspace: which features are on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.domain.access import Principal
from sidecar.errors import FieldViolation, MendRequest, ReadAgain, Reason
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit

FLAGS = "feature_flags"
WRITING_PAUSED = "writing_paused"

# Name -> (what it does, whether it is on unless somebody says otherwise).
KNOWN: dict[str, tuple[str, bool]] = {
    WRITING_PAUSED: (
        "Stops all writing into helpdesks and chats at once; everything else goes on.",
        False,
    ),
    "pilot": ("Writes back only to tickets that carry the tag deskside-pilot.", False),
}


@dataclass(frozen=True, slots=True)
class Flags:
    """Every known switch, by name, and the version for compare-and-set."""

    values: Mapping[str, bool]
    etag: str = ""


def flags(tx: Transaction, workspace: str) -> Flags:
    """Return every known switch."""
    policy = tx.policies.get(workspace, FLAGS)
    kept = json.loads(policy.value) if policy else {}
    values = {name: kept.get(name, on) for name, (_, on) in KNOWN.items()}
    return Flags(values, policy.etag if policy else "")


def flag(tx: Transaction, workspace: str, name: str) -> bool:
    """Say whether a switch is on."""
    return flags(tx, workspace).values[name]


def get_flags(ports: Ports, caller: Principal) -> Flags:
    """Return every known switch."""
    with ports.store.reading() as tx:
        return flags(tx, caller.workspace)


def update_flags(
    ports: Ports,
    caller: Principal,
    changed: Mapping[str, bool],
    etag: str,
    finish: Finish[Flags],
) -> Flags:
    """Switch; a given etag must be the one read, else ``ReadAgain``.

    Raises ``MendRequest`` for a name that is not known.
    """
    unknown = [
        FieldViolation(f"flags[{name}]", "There is no such feature.")
        for name in sorted(changed.keys() - KNOWN.keys())
    ]
    if unknown:
        raise MendRequest(Reason.FIELD_INVALID, tuple(unknown))
    with ports.store.transaction() as tx:
        now = flags(tx, caller.workspace)
        if etag and etag != now.etag:
            raise ReadAgain(Reason.ETAG_MISMATCH)
        wanted = json.dumps({**now.values, **changed}, sort_keys=True)
        stored = tx.policies.put(caller.workspace, FLAGS, wanted, now.etag)
        said = " ".join(f"{k}={'on' if v else 'off'}" for k, v in changed.items())
        audit(tx, ports, caller, "flags.update", caller.workspace, said)
        result = Flags({**now.values, **changed}, stored.etag)
        finish(tx, result)
    return result
