"""What every servicer is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sidecar.rpc.once import Once
    from sidecar.rpc.pages import PageTokens
    from sidecar.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports for the use cases, and the means to answer once and in pages."""

    ports: Ports
    once: Once
    pages: PageTokens
    demo: bool = False
    # Whether connectors may talk to hosts that are not their vendor's.
    test_hosts: bool = False
    # Whether nobody can listen to what is answered: loopback or TLS.
    private: bool = False
