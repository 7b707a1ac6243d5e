"""pyproject.toml lists what is imported; the locks follow pyproject.toml."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache

import pytest

from tests.rules.source import PRODUCT, ROOT, product_sources

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# Distribution -> the module it is imported as, where the names differ.
MODULE = {
    "argon2-cffi": "argon2",
    "grpcio": "grpc",
    "grpcio-health-checking": "grpc_health",
    "grpcio-reflection": "grpc_reflection",
    "googleapis-common-protos": "google",
    "markdown-it-py": "markdown_it",
    "protobuf": "google",
    "pyjwt": "jwt",
    "python-docx": "docx",
    "scikit-learn": "sklearn",
}
# Needed without being imported: SQLAlchemy loads the driver by its name, and
# PyMySQL loads cryptography for the login of MySQL 8.
BY_NAME = {"pymysql"}
# Imported through a distribution that requires them and re-exports their names.
COMES_WITH = {"werkzeug": "flask", "markupsafe": "flask", "jinja2": "flask"}


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return match.group().lower().replace("_", "-")


def _declared() -> set[str]:
    listed = list(PROJECT["dependencies"])
    listed += PROJECT["optional-dependencies"].get("zendesk", [])
    return {_name(requirement) for requirement in listed}


@cache
def _imported() -> set[str]:
    modules = {
        imported.split(".", 1)[0]
        for source in product_sources()
        for _, imported in source.imports()
    }
    return modules - set(sys.stdlib_module_names) - set(PRODUCT) - {"__future__"}


def _module_of(distribution: str) -> str:
    return MODULE.get(distribution, distribution.replace("-", "_"))


def test_what_is_imported_is_declared() -> None:
    """Nothing works only because some other package happens to bring it."""
    provided = {_module_of(name) for name in _declared()} | set(COMES_WITH)
    assert _imported() - provided == set()


def test_what_is_declared_is_imported() -> None:
    """No requirement outlives its last import."""
    unused = {
        name
        for name in _declared() - BY_NAME - {"zenpy"}
        if _module_of(name) not in _imported()
    }
    assert unused == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_requirement_with_its_hash(lock: str) -> None:
    """Each declared requirement is in the lock, and every line of it has a hash."""
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    pinned = {_name(entry) for entry in entries if "==" in entry.splitlines()[0]}
    unhashed = [entry for entry in entries if "--hash=sha256:" not in entry]
    required = {_name(requirement) for requirement in PROJECT["dependencies"]}
    if "dev" in lock:
        required |= {_name(r) for r in PROJECT["optional-dependencies"]["dev"]}
    assert required - pinned == set()
    assert unhashed == []


def test_grpc_and_protobuf_stay_below_what_the_vector_store_allows() -> None:
    """Grpcio < 1.80 and protobuf < 7, so that a Weaviate client can be added."""
    lock = (ROOT / "requirements.lock").read_text()
    versions = dict(re.findall(r"^(grpcio|protobuf)==(\d+\.\d+)", lock, re.MULTILINE))
    assert versions["grpcio"] < "1.80"
    assert int(versions["protobuf"].split(".")[0]) < 7
