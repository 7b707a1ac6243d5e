from __future__ import annotations

import pytest

from tests.skips import forbidden, read_allowed

LINES = """
# a comment
tests/flow/test_a.py::* | needs X: *   # why
"""


def test_an_allowed_skip_needs_both_its_test_and_its_reason() -> None:
    """A skip passes when one line covers its test and its reason."""
    allowed = read_allowed(LINES)
    assert forbidden([("tests/flow/test_a.py::test", "needs X: gone")], allowed) == []
    other_reason = ("tests/flow/test_a.py::test", "needs Y: gone")
    other_test = ("tests/flow/test_b.py::test", "needs X: gone")
    assert forbidden([other_reason, other_test], allowed) == [other_reason, other_test]


def test_a_line_without_a_reason_is_refused() -> None:
    """Nobody can allow a skip without saying why."""
    with pytest.raises(ValueError, match="give a reason"):
        read_allowed("tests/flow/test_a.py::*")
