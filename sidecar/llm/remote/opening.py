"""From settings to the engine of a language model; SDKs are imported from here."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from sidecar.cache.port import Cache
from sidecar.clock import Clock
from sidecar.domain.budget import Prices
from sidecar.errors import Misconfigured
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.remote.accounts import Accounts
from sidecar.llm.remote.asking import Asker, Provider
from sidecar.llm.remote.client import ModelClient
from sidecar.llm.remote.door import Door
from sidecar.llm.remote.engine import ModelEngine, Tools
from sidecar.safety.port import Safety
from sidecar.store.port import Store


@dataclass(frozen=True, slots=True)
class Account:
    """One provider as the operator set it up."""

    name: str
    key: str = field(repr=False)
    base_url: str
    model: str
    prices: Prices


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for every provider.

    ``seconds`` bounds one call, ``tokens`` one prompt's data; ``keep`` is how long
    answers are kept. ``test_hosts`` allows providers on this machine.
    """

    seconds: float
    tokens: int
    keep: timedelta
    test_hosts: bool


def open_models(
    accounts: Sequence[Account],
    limits: Limits,
    local: LocalEngine,
    safety: Safety,
    store: Store,
    cache: Cache,
    clock: Clock,
) -> ModelEngine:
    """Open the engine; the first account is asked first.

    Raises ``Misconfigured`` for an address that texts of customers must not go to.
    """
    providers = tuple(
        Provider(_client(account, limits.test_hosts), account.prices, limits.seconds)
        for account in accounts
    )
    tools = Tools(
        providers=providers,
        local=local,
        door=Door(safety),
        asker=Asker(Accounts(store, clock), cache, limits.keep),
        safety=safety,
        most_tokens=limits.tokens,
    )
    return ModelEngine(tools)


def _client(account: Account, test_hosts: bool) -> ModelClient:
    for name in ("httpx2", "httpcore2"):
        # A line for every request says nothing that the metrics do not.
        logging.getLogger(name).setLevel(logging.WARNING)
    setting = f"{account.name.upper()}_BASE_URL"
    proxied = not check_address(account.base_url, setting, test_hosts)
    given = (account.key, account.base_url, account.model, proxied)
    if account.name == "openai":
        from sidecar.llm.openai.client import OpenAiClient  # only when chosen

        return OpenAiClient(*given)
    from sidecar.llm.anthropic.client import AnthropicClient  # only when chosen

    return AnthropicClient(*given)


def check_address(url: str, setting: str, test_hosts: bool) -> bool:
    """Say whether an address is on this machine; raise ``Misconfigured`` if forbidden.

    Texts of customers leave by https only; a provider on loopback is for tests.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or parts.username or parts.query or parts.fragment:
        raise Misconfigured(
            f"{setting}: write it as https://HOST/PATH, without a name or password."
        )
    if _is_here(host):
        if not test_hosts:
            raise Misconfigured(
                f"{setting} is on this machine; set DESKSIDE_ALLOW_TEST_HOSTS=1 if you"
                " know why."
            )
        return True
    if parts.scheme != "https":
        raise Misconfigured(
            f"{setting} must begin with https:// because customers' texts go there."
        )
    return False


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
