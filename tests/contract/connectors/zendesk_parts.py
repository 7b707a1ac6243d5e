"""What tests of our calls of Zendesk share: a double of their own, and its account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.events import Credentials, Mode
from connectors.zendesk.settings import Account, account_of
from plugin_ui.doubles.zendesk import ZendeskDouble


@pytest.fixture
def double() -> Iterator[ZendeskDouble]:
    """A double of its own for each test."""
    running = ZendeskDouble()
    yield running
    running.close()


def known(double: ZendeskDouble, **more: str) -> Credentials:
    """Return what an administrator has filled in."""
    settings = {**double.settings, "webhook_secret": "s", **more}
    return Credentials("zendesk", "default", Mode.SUGGEST, settings)


def account(double: ZendeskDouble) -> Account:
    """Return the account that the double answers for."""
    return account_of(known(double), allow_test_hosts=True)


def new_ticket(double: ZendeskDouble) -> str:
    """Return the number of a new ticket with one comment."""
    return str(double.desk.add_ticket("Cannot log in", "Error 503 since today"))
