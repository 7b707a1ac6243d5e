"""The workspace's configuration as domain objects: taxonomy and escalation rules."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache

from sidecar.domain.business_hours import BusinessHours, Interval
from sidecar.domain.classification import Label, Taxonomy, Thresholds
from sidecar.domain.default_taxonomy import DEFAULT_TAXONOMY
from sidecar.domain.escalation import EscalationRules
from sidecar.domain.training import TrainedClassifier
from sidecar.store.port import Policy, Transaction

log = logging.getLogger(__name__)

TAXONOMY = "taxonomy"
_MOST_KEPT = 16

# (workspace, etag) -> taxonomy: an etag never comes back with other content.
_taxonomies: dict[tuple[str, str], Taxonomy] = {}
ESCALATION_RULES = "escalation_rules"


def current_taxonomy(tx: Transaction, workspace: str) -> Taxonomy:
    """Return the workspace's taxonomy, or the default one (etag '')."""
    policy = tx.policies.get(workspace, TAXONOMY)
    if policy is None:
        return DEFAULT_TAXONOMY
    found = _taxonomies.get((workspace, policy.etag))
    if found is None:
        found = _taxonomy(tx, workspace, policy)
        if len(_taxonomies) >= _MOST_KEPT:
            _taxonomies.clear()
        # Two threads may both make it; the engine takes equal ones for the same.
        _taxonomies[workspace, policy.etag] = found
    return found


def current_rules(tx: Transaction, workspace: str) -> EscalationRules:
    """Return the workspace's escalation rules, or the default ones (etag '')."""
    policy = tx.policies.get(workspace, ESCALATION_RULES)
    if policy is None:
        return EscalationRules()
    return _rules(policy.value, policy.etag)


def encode_taxonomy(taxonomy: Taxonomy, classifier: int = 0) -> str:
    """Return the JSON text a taxonomy is stored as.

    ``classifier`` is the version of the trained classifier in use, 0 for none. It
    stands here so that one etag says everything that predictions depend on.
    """
    return json.dumps(
        {
            "categories": [asdict(label) for label in taxonomy.categories],
            "intents": [asdict(label) for label in taxonomy.intents],
            "thresholds": asdict(taxonomy.thresholds),
            "classifier": classifier,
        },
        ensure_ascii=False,
    )


def encode_rules(rules: EscalationRules) -> str:
    """Return the JSON text escalation rules are stored as."""
    values = asdict(rules)
    del values["etag"]
    return json.dumps(values, ensure_ascii=False)


def _taxonomy(tx: Transaction, workspace: str, policy: Policy) -> Taxonomy:
    data = json.loads(policy.value)
    etag = policy.etag
    version = int(data.get("classifier", 0))
    return Taxonomy(
        trained=_trained(tx, workspace, version) if version else None,
        categories=_labels(data["categories"]),
        intents=_labels(data["intents"]),
        thresholds=Thresholds(**data["thresholds"]),
        version=etag,
        etag=etag,
    )


def _trained(tx: Transaction, workspace: str, version: int) -> TrainedClassifier | None:
    found = tx.classifiers.get(workspace, version)
    if found is None:
        log.error("the classifier version %d of %s is gone", version, workspace)
        return None
    homes = json.loads(found.report).get("categories", {})
    return TrainedClassifier(
        found.version, found.digest, found.content, tuple(sorted(homes.items()))
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
    for name in ("keywords", "categories", "climb_after"):
        if name in data:
            data[name] = tuple(data[name])
    if hours := data.pop("hours", None):
        data["hours"] = BusinessHours(
            hours["time_zone"],
            tuple(Interval(**interval) for interval in hours["intervals"]),
            tuple(hours["holidays"]),
        )
    return replace(EscalationRules(**data), etag=etag)
