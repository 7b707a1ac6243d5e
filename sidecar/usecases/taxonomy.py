"""The workspace's configuration as domain objects: taxonomy and escalation rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache

from sidecar.domain.classification import Label, Taxonomy, Thresholds
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.escalation import EscalationRules
from sidecar.store.port import Transaction

TAXONOMY = "taxonomy"
ESCALATION_RULES = "escalation_rules"


def current_taxonomy(tx: Transaction, workspace: str) -> Taxonomy:
    """Return the workspace's taxonomy, or the default one (etag '')."""
    policy = tx.policies.get(workspace, TAXONOMY)
    if policy is None:
        return DEFAULT_TAXONOMY
    return _taxonomy(policy.value, policy.etag)


def current_rules(tx: Transaction, workspace: str) -> EscalationRules:
    """Return the workspace's escalation rules, or the default ones (etag '')."""
    policy = tx.policies.get(workspace, ESCALATION_RULES)
    if policy is None:
        return EscalationRules()
    return _rules(policy.value, policy.etag)


def encode_taxonomy(taxonomy: Taxonomy) -> str:
    """Return the JSON text a taxonomy is stored as."""
    return json.dumps(
        {
            "categories": [asdict(label) for label in taxonomy.categories],
            "intents": [asdict(label) for label in taxonomy.intents],
            "thresholds": asdict(taxonomy.thresholds),
        },
        ensure_ascii=False,
    )


def encode_rules(rules: EscalationRules) -> str:
    """Return the JSON text escalation rules are stored as."""
    values = asdict(rules)
    del values["etag"]
    return json.dumps(values, ensure_ascii=False)


@lru_cache(maxsize=64)
def _taxonomy(value: str, etag: str) -> Taxonomy:
    data = json.loads(value)
    return Taxonomy(
        categories=_labels(data["categories"]),
        intents=_labels(data["intents"]),
        thresholds=Thresholds(**data["thresholds"]),
        version=etag,
        etag=etag,
    )


def _labels(rows: Sequence[dict[str, object]]) -> tuple[Label, ...]:
    return tuple(
        Label(
            name=str(row["name"]),
            description=str(row["description"]),
            examples=tuple(str(e) for e in _sequence(row["examples"])),
            parent=str(row["parent"]),
            team=str(row["team"]),
        )
        for row in rows
    )


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


@lru_cache(maxsize=64)
def _rules(value: str, etag: str) -> EscalationRules:
    data = json.loads(value)
    for name in ("keywords", "categories"):
        data[name] = tuple(data[name])
    return replace(EscalationRules(**data), etag=etag)
