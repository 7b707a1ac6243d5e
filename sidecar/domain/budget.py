"""What language models may cost, and what they did cost."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from datetime import date

BUDGET_POLICY = "budget"
"""Name of the policy that holds a workspace's budget."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of a workspace in millionths of a US dollar; 0 means none."""

    monthly_limit: int = 0
    daily_limit: int = 0
    etag: str = ""

    def allows(self, spent: Spent) -> bool:
        """Say whether what is spent or reserved stays within the limits."""
        month = not self.monthly_limit or spent.month <= self.monthly_limit
        return month and (not self.daily_limit or spent.day <= self.daily_limit)

    def is_exhausted(self, spent: Spent) -> bool:
        """Say whether nothing more can be spent."""
        month = bool(self.monthly_limit) and spent.month >= self.monthly_limit
        return month or (bool(self.daily_limit) and spent.day >= self.daily_limit)


@dataclass(frozen=True, slots=True)
class Spent:
    """Cost of a calendar month and of a day (UTC), in millionths of a US dollar."""

    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call consumed; ``fresh`` input is what no provider's cache served."""

    fresh: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0

    @property
    def input(self) -> int:
        """Return all tokens sent."""
        return self.fresh + self.cache_read + self.cache_write


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens, which is millionths of a dollar per token."""

    input: float = 0.0
    output: float = 0.0
    cache_read: float = 0.0
    cache_write: float = 0.0

    def cost(self, tokens: Tokens) -> int:
        """Return the price of these tokens in millionths of a dollar, rounded up."""
        return math.ceil(
            tokens.fresh * self.input
            + tokens.output * self.output
            + tokens.cache_read * self.cache_read
            + tokens.cache_write * self.cache_write
        )

    def most(self, tokens: Tokens) -> int:
        """Return what these tokens cost at worst, whatever a cache does with them."""
        dearest = max(self.input, self.cache_read, self.cache_write)
        return math.ceil(tokens.input * dearest + tokens.output * self.output)


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call of a model as the ledger keeps it; ``outcome`` is a closed list.

    ``cost`` is in millionths of a US dollar: first the estimate, then what it was.
    """

    id: str
    day: date
    provider: str
    model: str
    task: str
    ticket_id: str = ""
    outcome: str = "running"
    tokens: Tokens = Tokens()
    cost: int = 0


def encode_budget(budget: Budget) -> str:
    """Return the JSON text a budget is stored as."""
    values = asdict(budget)
    del values["etag"]
    return json.dumps(values, sort_keys=True)


def decode_budget(value: str, etag: str) -> Budget:
    """Read a stored budget."""
    data = json.loads(value)
    return Budget(int(data["monthly_limit"]), int(data["daily_limit"]), etag)


def tokens_at_most(text: str) -> int:
    """Return an upper estimate of a text's tokens, without any provider's tokenizer.

    Byte-pair tokenizers make of English about 4 characters a token, of random letters
    and digits 2 to 3, and of other scripts 1 to 3 bytes; 2.5 and 1.5 are used here.
    """
    ascii_count = sum(character < "\x80" for character in text)
    other_bytes = len(text.encode("utf-8", "replace")) - ascii_count
    return math.ceil(ascii_count / 2.5 + other_bytes / 1.5)
