"""A parser over real child processes, one for all tests of the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sidecar.errors import MendRequest, Reason
from sidecar.parser.child_process import ChildProcessParser

Refusal = Callable[..., tuple[Reason, str]]


@pytest.fixture(scope="session")
def parser() -> Iterator[ChildProcessParser]:
    """Give the parser that the server uses."""
    with ChildProcessParser() as one:
        yield one


@pytest.fixture
def refusal(parser: ChildProcessParser) -> Refusal:
    """Parse what must be refused; give the reason and the public sentence."""

    def refuse(content: bytes, name: str, media_type: str = "") -> tuple[Reason, str]:
        with pytest.raises(MendRequest) as caught:
            parser.parse(content, name, media_type)
        return caught.value.reason, caught.value.violations[0].description

    return refuse
