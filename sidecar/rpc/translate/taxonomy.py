"""The taxonomy, both ways; what the product cannot keep is refused, never dropped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sidecar.domain.classification import Label, Taxonomy, Thresholds
from sidecar.errors import invalid
from sidecar.rpc.translate import limits
from sidecar.v1 import classification_pb2, policy_pb2, rules_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LABELS = 500
MAX_NAME = 100
MAX_DESCRIPTION = 1_000
MAX_EXAMPLES = 100
MAX_EXAMPLE = 1_000

_KEY = re.compile(r"[a-z0-9_]+", re.ASCII)
_PREDICTED = (
    classification_pb2.CLASSIFICATION_FIELD_CATEGORY,
    classification_pb2.CLASSIFICATION_FIELD_INTENT,
)


def taxonomy(found: Taxonomy) -> policy_pb2.GetTaxonomyResponse:
    """Return the values category and intent may take."""
    return policy_pb2.GetTaxonomyResponse(taxonomy=_outgoing(found))


def updated(found: Taxonomy) -> policy_pb2.UpdateTaxonomyResponse:
    """Return the new values."""
    return policy_pb2.UpdateTaxonomyResponse(taxonomy=_outgoing(found))


def new_taxonomy(request: policy_pb2.UpdateTaxonomyRequest) -> Taxonomy:
    """Return the taxonomy to store; whether it fits together the use case checks."""
    if not request.HasField("taxonomy"):
        raise limits.missing("taxonomy")
    given = request.taxonomy
    return Taxonomy(
        categories=_labels("taxonomy.categories", given.categories),
        intents=_labels("taxonomy.intents", given.intents),
        thresholds=_thresholds(given.thresholds),
        etag=limits.identifier("taxonomy.etag", given.etag),
    )


def _labels(field: str, values: Sequence[rules_pb2.TaxonomyValue]) -> tuple[Label, ...]:
    limits.check_count(field, len(values), MAX_LABELS)
    return tuple(_label(f"{field}[{i}]", value) for i, value in enumerate(values))


def _label(field: str, value: rules_pb2.TaxonomyValue) -> Label:
    key = limits.identifier(f"{field}.key", value.key, required=True, longest=MAX_NAME)
    if not _KEY.fullmatch(key):
        raise invalid(f"{field}.key", "Use lower case letters, digits and underscores.")
    if value.name not in ("", _name(key)):
        limits.text(f"{field}.name", value.name, MAX_NAME)
        wanted = f"Names follow from the key: leave it empty or say “{_name(key)}”."
        raise invalid(f"{field}.name", wanted)
    if not value.enabled:
        wanted = "Values cannot be switched off yet; leave the value out instead."
        raise invalid(f"{field}.enabled", wanted)
    limits.check_count(f"{field}.examples", len(value.examples), MAX_EXAMPLES)
    return Label(
        name=key,
        description=limits.text(
            f"{field}.description", value.description, MAX_DESCRIPTION
        ),
        examples=tuple(
            limits.text(f"{field}.examples[{i}]", example, MAX_EXAMPLE, required=True)
            for i, example in enumerate(value.examples)
        ),
        parent=_parent(field, value),
        team=limits.text(f"{field}.team", value.team, MAX_NAME).strip(),
    )


def _parent(field: str, value: rules_pb2.TaxonomyValue) -> str:
    if ".categories[" in field and value.category:
        raise invalid(f"{field}.category", "Only an intent belongs to a category.")
    return limits.identifier(f"{field}.category", value.category, longest=MAX_NAME)


def _thresholds(given: Sequence[rules_pb2.DecisionThresholds]) -> Thresholds:
    """Return the bounds; category and intent share them, so both must say the same."""
    field = "taxonomy.thresholds"
    if not given:
        return Thresholds()
    for position, item in enumerate(given):
        if item.field not in _PREDICTED:
            wanted = "Thresholds hold for CATEGORY and INTENT."
            raise invalid(f"{field}[{position}].field", wanted)
    found = {Thresholds(item.automate, item.select, item.suggest) for item in given}
    if sorted(item.field for item in given) != sorted(_PREDICTED) or len(found) > 1:
        wanted = "Name CATEGORY and INTENT once each, with equal values for both."
        raise invalid(field, wanted)
    return found.pop()


def _outgoing(found: Taxonomy) -> rules_pb2.Taxonomy:
    limit = found.thresholds
    return rules_pb2.Taxonomy(
        categories=[_value(label) for label in found.categories],
        intents=[_value(label) for label in found.intents],
        thresholds=[
            rules_pb2.DecisionThresholds(
                field=field,
                automate=limit.automate,
                select=limit.select,
                suggest=limit.suggest,
            )
            for field in _PREDICTED
        ],
        etag=found.etag,
        config_version=found.version,
    )


def _value(label: Label) -> rules_pb2.TaxonomyValue:
    return rules_pb2.TaxonomyValue(
        key=label.name,
        name=_name(label.name),
        description=label.description,
        examples=label.examples,
        team=label.team,
        enabled=True,
        category=label.parent,
    )


def _name(key: str) -> str:
    return key.replace("_", " ").capitalize()
