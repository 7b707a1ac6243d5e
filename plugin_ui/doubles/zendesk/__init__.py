"""A double of Zendesk: it keeps tickets, answers its HTTP API and sends webhooks.

Made after recorded answers of the real service (tests/data/payloads), it takes what
zenpy sends and answers what zenpy expects; faults are scripted, and every request is
in a ledger.
"""

from plugin_ui.doubles.zendesk.desk import AGENT, BOT, CUSTOMER, ZendeskDesk
from plugin_ui.doubles.zendesk.faults import Fault
from plugin_ui.doubles.zendesk.hooks import Webhook, sign
from plugin_ui.doubles.zendesk.server import ZendeskDouble

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
