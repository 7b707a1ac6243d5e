"""Reads the project's own source for the rules: files, modules, imports, lengths."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("sidecar", "connectors", "plugin_ui")
GENERATED = "sidecar/v1/"
MIGRATIONS = "sidecar/store/migrations/versions/"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the root, module name, text and syntax tree."""

    path: str
    module: str
    text: str
    tree: ast.Module

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield (line, module) of every import, in functions and type checks too.

        `from a import b` yields "a.b", since b may be a module.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield node.lineno, name.name
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                for name in node.names:
                    yield node.lineno, f"{base}.{name.name}"

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        here = self.module.split(".")
        if not self.path.endswith("__init__.py"):
            here = here[:-1]
        above = here[: len(here) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


@cache
def tracked() -> tuple[str, ...]:
    """Return the path of every file git would commit, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = set(listed.stdout.split("\0")) - {""}
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


@cache
def python_sources() -> tuple[Source, ...]:
    """Return every Python file but the generated ones."""
    return tuple(
        _read(path)
        for path in tracked()
        if path.endswith(".py") and not path.startswith(GENERATED)
    )


def product_sources() -> list[Source]:
    """Return the Python files that are shipped, but the generated ones."""
    return [s for s in python_sources() if s.path.split("/", 1)[0] in PRODUCT]


def _read(path: str) -> Source:
    text = (ROOT / path).read_text()
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Source(path, module, text, ast.parse(text, path))
