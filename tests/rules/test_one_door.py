"""Texts reach a model through one door: sidecar/llm/remote/door.py."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.rules.source import ROOT, product_sources

DOOR = "sidecar/llm/remote/door.py"
CLIENTS = {"sidecar/llm/openai/client.py", "sidecar/llm/anthropic/client.py"}
SDKS = {"openai", "anthropic"}


def _calls(path: str, name: str) -> bool:
    """Say whether a file calls a function or class of this name."""
    tree = ast.parse((ROOT / path).read_text())
    return any(
        isinstance(node, ast.Call)
        and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
        for node in ast.walk(tree)
    )


def test_sdks_of_models_are_imported_by_their_clients_only() -> None:
    """An SDK imported elsewhere would be a second door."""
    importers = {
        source.path
        for source in product_sources()
        for _, imported in source.imports()
        if imported.split(".", maxsplit=1)[0] in SDKS
    }
    assert importers - {"sidecar/embedder/openai.py"} == CLIENTS


def test_letters_are_made_at_the_door_only() -> None:
    """Clients send letters and nothing else; only the door makes them, redacted."""
    makers = {s.path for s in product_sources() if _calls(s.path, "Letter")}
    assert makers == {DOOR}
    for path in CLIENTS:
        tree = ast.parse((ROOT / path).read_text())
        sends = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name == "send"
        ]
        assert len(sends) == 1
        assert ast.unparse(sends[0].args.args[1]) == "letter: Letter"


def test_without_a_key_no_sdk_is_loaded() -> None:
    """The keyless default pays for the SDKs neither in seconds nor in memory."""
    code = (
        "import sys, sidecar.server, sidecar.bootstrap, sidecar.furnish;"
        "print([m for m in ('openai', 'anthropic', 'httpx2', 'sidecar.llm.remote')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
