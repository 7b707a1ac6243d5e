"""Read and change the taxonomy and the escalation rules of a workspace."""

from __future__ import annotations

import math

from sidecar.domain.access import Principal
from sidecar.domain.classification import Label, Taxonomy
from sidecar.domain.escalation import EscalationRules
from sidecar.errors import FieldViolation, MendRequest, Reason
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit
from sidecar.usecases.taxonomy import (
    ESCALATION_RULES,
    TAXONOMY,
    current_rules,
    current_taxonomy,
    encode_rules,
    encode_taxonomy,
)


def get_taxonomy(ports: Ports, caller: Principal) -> Taxonomy:
    """Return the values category and intent may take."""
    with ports.store.reading() as tx:
        return current_taxonomy(tx, caller.workspace)


def update_taxonomy(
    ports: Ports, caller: Principal, taxonomy: Taxonomy, finish: Finish[Taxonomy]
) -> Taxonomy:
    """Replace the taxonomy; its etag must be the one read, else ``ReadAgain``."""
    _check_taxonomy(taxonomy)
    with ports.store.transaction() as tx:
        trained = current_taxonomy(tx, caller.workspace).trained
        text = encode_taxonomy(taxonomy, trained.version if trained else 0)
        tx.policies.put(caller.workspace, TAXONOMY, text, taxonomy.etag)
        audit(tx, ports, caller, "taxonomy.update", caller.workspace)
        stored = current_taxonomy(tx, caller.workspace)
        finish(tx, stored)
    return stored


def get_rules(ports: Ports, caller: Principal) -> EscalationRules:
    """Return the rules by which tickets are escalated."""
    with ports.store.reading() as tx:
        return current_rules(tx, caller.workspace)


def update_rules(
    ports: Ports,
    caller: Principal,
    rules: EscalationRules,
    finish: Finish[EscalationRules],
) -> EscalationRules:
    """Replace the rules; their etag must be the one read, else ``ReadAgain``."""
    check_rules(rules)
    with ports.store.transaction() as tx:
        tx.policies.put(
            caller.workspace, ESCALATION_RULES, encode_rules(rules), rules.etag
        )
        audit(tx, ports, caller, "escalation_rules.update", caller.workspace)
        stored = current_rules(tx, caller.workspace)
        finish(tx, stored)
    return stored


def _check_taxonomy(taxonomy: Taxonomy) -> None:
    violations = _repeated("categories", taxonomy.categories)
    violations += _repeated("intents", taxonomy.intents)
    names = {label.name for label in taxonomy.categories}
    for position, intent in enumerate(taxonomy.intents):
        if intent.parent not in names:
            field = f"taxonomy.intents[{position}].category"
            violations.append(FieldViolation(field, "is not one of the categories"))
    limits = taxonomy.thresholds
    # Above 1 nothing is automated; infinity could not be stored as JSON.
    ordered = 0 <= limits.suggest <= limits.select <= limits.automate
    if not (ordered and limits.select <= 1 and math.isfinite(limits.automate)):
        field = "taxonomy.thresholds"
        wanted = "need 0 ≤ suggest ≤ select ≤ 1 and select ≤ automate"
        violations.append(FieldViolation(field, wanted))
    if violations:
        raise MendRequest(Reason.FIELD_INVALID, tuple(violations))


def _repeated(field: str, labels: tuple[Label, ...]) -> list[FieldViolation]:
    violations = []
    seen: set[str] = set()
    for position, label in enumerate(labels):
        if not label.name.strip():
            place = f"taxonomy.{field}[{position}].key"
            violations.append(FieldViolation(place, "is empty"))
        elif label.name in seen:
            place = f"taxonomy.{field}[{position}].key"
            violations.append(FieldViolation(place, "stands twice"))
        seen.add(label.name)
    if not labels:
        violations.append(FieldViolation(f"taxonomy.{field}", "needs at least one"))
    return violations


def check_rules(rules: EscalationRules) -> None:
    """Raise ``MendRequest`` for bounds that mean nothing."""
    violations = []
    if not 0 <= rules.priority_min <= 10:
        violations.append(FieldViolation("rules.priority_min", "must be 0 to 10"))
    if not 0 <= rules.risk_min <= 1:
        violations.append(FieldViolation("rules.risk_min", "must be 0 to 1"))
    if rules.attempts_min < 0:
        violations.append(FieldViolation("rules.attempts_min", "must not be negative"))
    if rules.vip_severity not in ("", "low", "normal", "high", "critical"):
        violations.append(FieldViolation("rules.vip_severity", "is not a severity"))
    if violations:
        raise MendRequest(Reason.FIELD_INVALID, tuple(violations))
