"""Reply templates: the built-in ones and the workspace's own."""

from __future__ import annotations

from sidecar.domain.access import Principal
from sidecar.domain.reply import ReplyTemplate
from sidecar.domain.reply_templates import BUILT_IN_TEMPLATES
from sidecar.store.port import Transaction
from sidecar.usecases.ports import Ports


def all_templates(tx: Transaction, workspace: str) -> tuple[ReplyTemplate, ...]:
    """Return the workspace's own templates first: they win over built-in ones."""
    return (*tx.drafts.templates(workspace), *BUILT_IN_TEMPLATES)


def list_templates(ports: Ports, caller: Principal) -> tuple[ReplyTemplate, ...]:
    """Return every template an agent may choose."""
    with ports.store.reading() as tx:
        return all_templates(tx, caller.workspace)
