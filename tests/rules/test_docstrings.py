"""Public names of the rooms that others rely on say what they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.rules.source import Function, Source, product_sources, python_sources

ROOMS = ("sidecar/domain/", "sidecar/usecases/", "sidecar/rpc/")


def _speaks_for_others(source: Source) -> bool:
    in_room = source.path.startswith(ROOMS)
    is_port = source.path.rsplit("/", 1)[-1].startswith("port")
    is_front = source.path in {"sidecar/errors.py", "sidecar/client.py"}
    return in_room or is_port or is_front


def _undocumented(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    if isinstance(node, ast.Module) and not ast.get_docstring(node):
        yield f"{prefix} (module)"
    for child in node.body:
        if not isinstance(child, Function | ast.ClassDef) or child.name.startswith("_"):
            continue
        if not ast.get_docstring(child) and not _is_declaration(child):
            yield f"{prefix}:{child.lineno} {child.name}"
        if isinstance(child, ast.ClassDef):
            yield from _undocumented(child, prefix)


def _is_declaration(node: Function | ast.ClassDef) -> bool:
    # An overload, or a protocol's attribute written as a property without a body.
    marks = {ast.unparse(mark) for mark in node.decorator_list}
    bare = len(node.body) == 1 and ast.unparse(node.body[0]) == "..."
    return "overload" in marks or ("property" in marks and bare)


@pytest.mark.parametrize(
    "source",
    [source for source in product_sources() if _speaks_for_others(source)],
    ids=lambda source: source.path,
)
def test_public_names_have_a_docstring(source: Source) -> None:
    """Domain, ports, use cases and rpc document every public name."""
    assert list(_undocumented(source.tree, source.path)) == []


def test_every_test_states_its_rule() -> None:
    """A test's docstring is the rule it proves, in a sentence."""
    silent = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in python_sources()
        if source.path.startswith("tests/")
        for function in source.functions()
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []
