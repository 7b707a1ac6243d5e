"""Files and functions stay short enough to be read at once."""

from __future__ import annotations

from tests.rules.source import MIGRATIONS, Function, python_sources

FILE_STOP, FILE_AIM = 400, 250
FUNCTION_STOP, FUNCTION_AIM = 60, 40
# The share that may lie between aim and stop.
FILES_OVER_AIM = 0.10
FUNCTIONS_OVER_AIM = 0.02


def _file_lengths() -> dict[str, int]:
    return {
        source.path: source.text.count("\n")
        for source in python_sources()
        if not source.path.startswith(MIGRATIONS)
    }


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _function_lengths() -> dict[str, int]:
    return {
        f"{source.path}:{function.lineno} {function.name}": _length(function)
        for source in python_sources()
        if not source.path.startswith(MIGRATIONS)
        for function in source.functions()
    }


def _over(lengths: dict[str, int], limit: int) -> dict[str, int]:
    return {name: lines for name, lines in lengths.items() if lines > limit}


def test_no_file_is_longer_than_the_stop() -> None:
    """A Python file has at most 400 lines."""
    assert _over(_file_lengths(), FILE_STOP) == {}


def test_no_function_is_longer_than_the_stop() -> None:
    """A function has at most 60 lines."""
    assert _over(_function_lengths(), FUNCTION_STOP) == {}


def test_few_files_are_longer_than_the_aim() -> None:
    """At most one file in ten has more than 250 lines."""
    lengths = _file_lengths()
    long = _over(lengths, FILE_AIM)
    assert len(long) <= FILES_OVER_AIM * len(lengths), long


def test_few_functions_are_longer_than_the_aim() -> None:
    """At most one function in fifty has more than 40 lines."""
    lengths = _function_lengths()
    long = _over(lengths, FUNCTION_AIM)
    assert len(long) <= FUNCTIONS_OVER_AIM * len(lengths), long
