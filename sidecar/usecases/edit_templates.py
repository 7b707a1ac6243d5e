"""Make, change and remove a workspace's own reply templates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sidecar.domain.access import Principal
from sidecar.domain.ids import new_id
from sidecar.domain.reply import ReplyTemplate
from sidecar.domain.reply_templates import BUILT_IN_TEMPLATES
from sidecar.domain.template_rules import faults
from sidecar.errors import (
    FieldViolation,
    LookElsewhere,
    MendRequest,
    ReadAgain,
    Reason,
    invalid,
)
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Finish, Ports
from sidecar.usecases.record import audit
from sidecar.usecases.taxonomy import current_taxonomy

# Every draft reads all of them, and a list answers them in one message.
MOST_TEMPLATES = 200

_BUILT_IN = frozenset(template.id for template in BUILT_IN_TEMPLATES)


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """New values of a template's fields, by the names ``ReplyTemplate`` has."""

    template_id: str
    etag: str
    values: Mapping[str, Any]


def etag_of(template: ReplyTemplate) -> str:
    """Return the version of a template: a digest of all that can be changed."""
    parts = (
        *(template.id, template.name, template.purpose.value, template.language),
        *(template.category, template.severity, template.body),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def create_template(
    ports: Ports,
    caller: Principal,
    template: ReplyTemplate,
    finish: Finish[ReplyTemplate],
) -> ReplyTemplate:
    """Store a new template.

    Raises ``MendRequest(TEMPLATE_INVALID)`` for a text that could not be filled.
    """
    _check(template)
    template = replace(template, id=new_id("tpl", ports.clock.now()), built_in=False)
    with ports.store.transaction() as tx:
        _check_category(tx, caller, template)
        if len(tx.drafts.templates(caller.workspace)) >= MOST_TEMPLATES:
            wanted = f"A workspace has at most {MOST_TEMPLATES} templates."
            raise invalid("template", wanted)
        return _save(tx, ports, caller, template, "template.create", finish)


def update_template(
    ports: Ports,
    caller: Principal,
    change: TemplateChange,
    finish: Finish[ReplyTemplate],
) -> ReplyTemplate:
    """Change a template of the workspace.

    Raises ``LookElsewhere(TEMPLATE_NOT_FOUND)``, ``ReadAgain(ETAG_MISMATCH)`` for the
    loser of a race and ``MendRequest`` for a built-in template or a faulty text.
    """
    _refuse_built_in("template.template_id", change.template_id)
    with ports.store.transaction() as tx:
        stored = tx.drafts.hold_template(caller.workspace, change.template_id)
        if stored is None:
            raise LookElsewhere(Reason.TEMPLATE_NOT_FOUND, change.template_id)
        if change.etag != etag_of(stored):
            raise ReadAgain(Reason.ETAG_MISMATCH)
        template = replace(stored, **change.values)
        _check(template)
        if template.category != stored.category:
            _check_category(tx, caller, template)
        return _save(tx, ports, caller, template, "template.update", finish)


def delete_template(
    ports: Ports, caller: Principal, template_id: str, finish: Finish[None]
) -> None:
    """Remove a template; drafts made from it stay as they are."""
    _refuse_built_in("template_id", template_id)
    with ports.store.transaction() as tx:
        if not tx.drafts.delete_template(caller.workspace, template_id):
            raise LookElsewhere(Reason.TEMPLATE_NOT_FOUND, template_id)
        audit(tx, ports, caller, "template.delete", template_id)
        finish(tx, None)


def _save(
    tx: Transaction,
    ports: Ports,
    caller: Principal,
    template: ReplyTemplate,
    action: str,
    finish: Finish[ReplyTemplate],
) -> ReplyTemplate:
    stored = tx.drafts.save_template(caller.workspace, template)
    audit(tx, ports, caller, action, stored.id)
    finish(tx, stored)
    return stored


def _check(template: ReplyTemplate) -> None:
    if not template.name.strip():
        raise invalid("template.name", "Say what the template is for.")
    wrong = faults(template.body, template.purpose)
    if wrong:
        violations = tuple(FieldViolation("template.body", words) for words in wrong)
        raise MendRequest(Reason.TEMPLATE_INVALID, violations)


def _check_category(
    tx: Transaction, caller: Principal, template: ReplyTemplate
) -> None:
    known = current_taxonomy(tx, caller.workspace).categories
    if template.category and template.category not in {label.name for label in known}:
        raise invalid("template.categories[0]", "This is not one of the categories.")


def _refuse_built_in(field: str, template_id: str) -> None:
    if template_id in _BUILT_IN:
        wanted = "Built-in templates stay; one of your own goes before them."
        raise invalid(field, wanted)
