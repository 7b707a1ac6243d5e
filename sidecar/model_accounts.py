"""Which providers of language models are set up, the chosen one first."""

from __future__ import annotations

from sidecar.domain.budget import Prices
from sidecar.errors import Misconfigured
from sidecar.llm.remote.opening import Account
from sidecar.settings import Settings


def model_accounts(settings: Settings) -> list[Account]:
    """Return the chosen provider and, when its key is set, the other one.

    Raises ``Misconfigured`` when the chosen one has no key.
    """
    accounts = [
        Account(
            "openai",
            settings.openai_api_key,
            settings.openai_base_url,
            settings.openai_model,
            Prices(*settings.openai_prices),
        ),
        Account(
            "anthropic",
            settings.anthropic_api_key,
            settings.anthropic_base_url,
            settings.anthropic_model,
            Prices(*settings.anthropic_prices),
        ),
    ]
    accounts.sort(key=lambda account: account.name != settings.llm)
    if not accounts[0].key:
        raise Misconfigured(
            f"DESKSIDE_LLM is {settings.llm}, but {settings.llm.upper()}_API_KEY is not"
            " set. Set it, or DESKSIDE_LLM=local."
        )
    return [account for account in accounts if account.key]
