"""The connection test: each thing that can be wrong, and what to do about it."""

from __future__ import annotations

from connectors.clock import Clock
from connectors.events import Check, Credentials, GiveUp, TryAgain
from connectors.zendesk.api import NotFound, ZendeskApi

_SKEW_SECONDS = 60.0


def run(api: ZendeskApi, credentials: Credentials, clock: Clock) -> list[Check]:
    """Return every check in order; what cannot be tried any more is left out."""
    checks = []
    try:
        me = api.me()
    except (TryAgain, GiveUp) as failure:
        refused = failure.reason == "VENDOR_CREDENTIALS"
        name = "credentials" if refused else "host"
        if refused:
            checks.append(Check("host", True, "Zendesk answers."))
        return [*checks, Check(name, False, failure.message), _secret(credentials)]
    except NotFound:
        message = "There is no Zendesk at this subdomain. Check it."
        return [Check("host", False, message), _secret(credentials)]
    checks.append(Check("host", True, "Zendesk answers."))
    known = isinstance(me.get("id"), int) and me["id"] > 0
    checks.append(
        Check("credentials", known, _KNOWN if known else "Check e-mail and API token.")
    )
    if known:
        staff = me.get("role") in ("agent", "admin")
        checks.append(
            Check("permissions", staff, _STAFF if staff else "Use an agent's e-mail.")
        )
    checks += [_secret(credentials), _clock(api, clock)]
    return checks


_KNOWN = "Zendesk accepts e-mail and API token."
_STAFF = "The agent may read tickets and write private notes."


def _secret(credentials: Credentials) -> Check:
    if credentials.secrets("webhook_secret"):
        return Check("webhook_secret", True, "A signing secret is filled in.")
    message = (
        "Without webhook_secret no webhook is accepted and tickets are only polled."
        " Copy it from Admin Center > Webhooks."
    )
    return Check("webhook_secret", False, message)


def _clock(api: ZendeskApi, clock: Clock) -> Check:
    theirs = api.server_time()
    if theirs is None:
        return Check("clock", True, "Zendesk does not tell its time.")
    off = (clock.now() - theirs).total_seconds()
    if abs(off) <= _SKEW_SECONDS:
        return Check("clock", True, "The clocks agree.")
    message = (
        f"This machine's clock is {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}."
        " Set it by NTP, otherwise webhooks are refused."
    )
    return Check("clock", False, message)
