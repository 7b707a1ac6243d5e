"""What ``doctor`` looks at in the database and in the index beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.cli.checks import Finding
from sidecar.errors import Misconfigured

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.exc import SQLAlchemyError

    from sidecar.settings import Settings

_MODEL_DIMENSIONS = 384


def database(settings: Settings) -> Iterator[Finding]:
    """Look whether the database answers and which revision it has."""
    from sqlalchemy.exc import SQLAlchemyError

    from sidecar.store.database import open_engines
    from sidecar.store.migrate import HEAD, current

    url = _address(settings)
    if url is None:
        yield Finding("database", "warn", "is not there yet", "deskside up makes it")
        return
    shown = url.render_as_string(hide_password=True)
    engines = open_engines(url, 1)
    try:
        with engines.reader.connect() as connection:
            revision = current(connection)
    except SQLAlchemyError as error:
        if url.get_backend_name() == "sqlite":
            yield _sqlite_trouble(url.database or "", error)
            return
        advice = "look at DESKSIDE_DATABASE_URL and whether the server runs"
        text = f"{shown} does not answer ({type(error).__name__})"
        yield Finding("database", "bad", text, advice)
        return
    finally:
        engines.dispose()
    if revision == HEAD:
        yield Finding("database", "ok", f"{shown}, revision {revision}")
    else:
        text = f"{shown} is at revision {revision or 'none'}, this version needs {HEAD}"
        yield Finding(
            "database", "warn", text, "deskside migrate (or start the sidecar)"
        )


def _sqlite_trouble(file: str, error: SQLAlchemyError) -> Finding:
    """Return what is wrong with a file, which no server can be asked about."""
    from sidecar.store.database import DAMAGED

    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF
    if code in DAMAGED:
        # What SQLite keeps beside the file belongs to the damaged one.
        advice = (
            f"stop Deskside, move {file}* away, put back a backup of the file, start"
            " again, then: deskside kb reindex"
        )
        return Finding("database", "bad", f"{file} is damaged", advice)
    folder = Path(file).parent
    text = f"{file} cannot be opened (SQLite {code})"
    advice = f"make {folder} and the files in it writable for this user; is it full?"
    return Finding("database", "bad", text, advice)


def index(settings: Settings) -> Iterator[Finding]:
    """Compare the documents of database and index."""
    from sqlalchemy.exc import SQLAlchemyError

    from sidecar.embedder.weights import find_weights
    from sidecar.index.embedded import EmbeddedIndex
    from sidecar.index.port import EntryKind

    folder = settings.data_dir / "index"
    try:
        url = _address(settings)
        if url is None or not folder.exists():
            return
        stored = _ready_documents(settings, url)
    except (Misconfigured, SQLAlchemyError):
        return  # Said of the database already; nothing can be compared.
    with_model = settings.embedder != "none" and find_weights() is not None
    opened = EmbeddedIndex(
        folder,
        model=f"all-MiniLM-L6-v2/{settings.embedder_variant}" if with_model else "none",
        dimensions=_MODEL_DIMENSIONS if with_model else 0,
    )
    try:
        status = opened.status(settings.workspace)
        indexed = opened.groups(settings.workspace, EntryKind.PASSAGE)
    finally:
        opened.close()
    missing, extra = stored - indexed, indexed - stored
    for text in status.notes:
        yield Finding("index", "warn", text, "deskside kb reindex")
    if missing:
        text = f"{len(missing)} of {len(stored)} documents cannot be found"
        yield Finding("index", "bad", text, "deskside kb reindex")
    if extra:
        # A hit on one of these finds no document and is not shown.
        text = f"{len(extra)} documents of the index are not in the database"
        yield Finding("index", "warn", text, "deskside kb reindex")
    if not missing and not extra:
        text = f"{len(stored)} documents, {status.passages} passages, equal to database"
        yield Finding("index", "ok", text)


def _address(settings: Settings) -> URL | None:
    """Return the database's address, None for a file that is not there yet."""
    from sidecar.store.database import parse

    url = parse(settings.effective_database_url)
    missing = (
        url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()
    )
    return None if missing else url


def _ready_documents(settings: Settings, url: URL) -> set[str]:
    from sqlalchemy import inspect, select

    from sidecar.domain.knowledge import DocumentState
    from sidecar.store.database import open_engines
    from sidecar.store.tables.knowledge import documents

    engines = open_engines(url, 1)

    def ids(connection: Connection) -> set[str]:
        if not inspect(connection).has_table("documents"):
            return set()
        found = connection.execute(
            select(documents.c.id).where(
                documents.c.workspace == settings.workspace,
                documents.c.state == DocumentState.READY.value,
            )
        )
        return {document_id for (document_id,) in found}

    try:
        with engines.reader.connect() as connection:
            return ids(connection)
    finally:
        engines.dispose()
