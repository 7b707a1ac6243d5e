"""Log lines: one JSON object each, on standard error.

Fields are identifiers, codes and numbers. Texts of tickets, names, addresses and
secrets never enter; of an unexpected exception only its type and where it arose are
written, because its message may quote what it was working on.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Renders a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; ``fields`` of the record are merged in."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line.update(describe(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Send every log line of this process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One line a migration step says nothing that the outcome does not.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def event(logger: logging.Logger, level: int, name: str, **fields: object) -> None:
    """Write one event with its fields."""
    if logger.isEnabledFor(level):
        logger.log(level, name, extra={"fields": fields})


def without_personal_data(text: str) -> str:
    """Return a text for the log with placeholders where it names people or secrets."""
    from sidecar.safety.redact import redact  # only where something is refused

    return redact(text).text


def describe(error: BaseException) -> dict[str, object]:
    """Return type and origin of an exception and of its causes, without messages."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-12:]
    ]
    described: dict[str, object] = {"error": type(error).__qualname__, "frames": frames}
    cause = error.__cause__ or error.__context__
    if cause is not None:
        described["caused_by"] = type(cause).__qualname__
    return described
