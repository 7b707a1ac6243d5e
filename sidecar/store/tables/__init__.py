"""The tables; every key begins with the workspace unless a digest is the key."""

from sidecar.store.tables.access import (
    api_keys,
    audit,
    member_accounts,
    members,
    sessions,
)
from sidecar.store.tables.assist import (
    classifications,
    drafts,
    escalations,
    feedback,
    reply_templates,
)
from sidecar.store.tables.base import metadata
from sidecar.store.tables.knowledge import documents, passages
from sidecar.store.tables.money import model_calls, model_days
from sidecar.store.tables.quarantine import quarantine
from sidecar.store.tables.road import (
    connector_records,
    connector_reports,
    connectors,
    deliveries,
    events,
    vendor_changes,
)
from sidecar.store.tables.tickets import customers, messages, tickets
from sidecar.store.tables.training import classifiers, training_texts
from sidecar.store.tables.work import jobs, policies, requests

__all__ = [
    "api_keys",
    "audit",
    "classifications",
    "classifiers",
    "connector_records",
    "connector_reports",
    "connectors",
    "customers",
    "deliveries",
    "documents",
    "drafts",
    "escalations",
    "events",
    "feedback",
    "jobs",
    "member_accounts",
    "members",
    "messages",
    "metadata",
    "model_calls",
    "model_days",
    "passages",
    "policies",
    "quarantine",
    "reply_templates",
    "requests",
    "sessions",
    "tickets",
    "training_texts",
    "vendor_changes",
]
