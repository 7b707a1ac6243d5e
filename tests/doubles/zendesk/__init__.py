"""A double of Zendesk: it keeps tickets, answers its HTTP API and sends webhooks.

Made after recorded answers of the real service (tests/data/payloads), it takes what
zenpy sends and answers what zenpy expects; faults are scripted, and every request is
in a ledger. ``python -m tests.doubles.zendesk`` runs it on its own.
"""

from tests.doubles.zendesk.desk import AGENT, BOT, CUSTOMER, ZendeskDesk
from tests.doubles.zendesk.faults import Fault
from tests.doubles.zendesk.hooks import Webhook, sign
from tests.doubles.zendesk.server import ZendeskDouble

__all__ = [
    "AGENT",
    "BOT",
    "CUSTOMER",
    "Fault",
    "Webhook",
    "ZendeskDesk",
    "ZendeskDouble",
    "sign",
]
