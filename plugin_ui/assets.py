"""Static files under a path that names their content, so that browsers keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, send_from_directory, url_for

FOLDER = Path(__file__).parent / "static"
bp = Blueprint("assets", __name__)
_YEAR = 31_536_000


@cache
def build() -> str:
    """Return 12 hexadecimal digits that change with any static file."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(FOLDER).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file."""
    return url_for("assets.serve", tag=build(), name=name)


@cache
def modules(page: str) -> tuple[str, ...]:
    """Return the ES modules that ``page`` loads: the shared ones and its own."""
    shared = (FOLDER / "js").glob("*.js")
    own = (FOLDER / "js" / page).glob("*.js")
    return tuple(sorted(p.relative_to(FOLDER).as_posix() for p in (*shared, *own)))


@bp.get("/static/<tag>/<path:name>")
def serve(tag: str, name: str) -> Response:
    """Serve one file for good; another build's address is gone."""
    if tag != build():
        abort(404)
    return send_from_directory(FOLDER, name, max_age=_YEAR, etag=False)


@bp.get("/favicon.ico")
def favicon() -> Response:
    """Serve the icon to browsers that ask without being told."""
    return send_from_directory(FOLDER, "favicon.svg", max_age=_YEAR)
