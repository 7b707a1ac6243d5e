"""Who may import whom; the table reads as the design does."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase

import pytest

from tests.rules.source import Source, product_sources

STANDARD = (*sys.stdlib_module_names, "__future__")

# The rooms that hold a port and its implementations side by side.
PORT_ROOMS = ("store", "index", "embedder", "llm", "safety", "cache", "parser")
PORTS = tuple(f"sidecar.{room}.port" for room in PORT_ROOMS)
# The store's port is several files: transactions, repositories, and their records.
PORTS += ("sidecar.store.records", "sidecar.store.repositories")
PORTS += ("sidecar.store.port_connectors", "sidecar.store.port_road")
PORTS += ("sidecar.store.port_training", "sidecar.llm.trainer_port")
PORTS += ("sidecar.store.port_spending", "sidecar.store.port_quarantine")
COMMON = ("sidecar.domain", "sidecar.errors", "sidecar.clock")
CONTRACT = ("sidecar.v1", "sidecar.client", "sidecar.client_*")
GRPC = ("grpc", "google.protobuf", "google.rpc", "grpc_status")

# What the vendors' folders share; never the receiver, the worker or each other.
SHARED = tuple(
    f"connectors.{name}"
    for name in ("acting", "clock", "connector", "desk", "events", "limits")
)

# Importer -> what it may import beside the standard library and its own package.
# The first line that matches the importer's module decides.
MAY_IMPORT: list[tuple[str, tuple[str, ...]]] = [
    ("sidecar.domain*", ()),
    ("sidecar.clock", ()),
    ("sidecar.errors", ("sidecar.domain",)),
    # numpy's arrays are the words in which vectors are handed over.
    *((port, (*COMMON, *PORTS, "numpy")) for port in PORTS),
    # A use case knows ports, never an implementation, a protocol or an SDK.
    ("sidecar.usecases*", (*COMMON, *PORTS, "numpy")),
    # An implementation: any port, and the one SDK its room is there to wrap.
    ("sidecar.store*", (*COMMON, *PORTS, "sqlalchemy", "alembic", "pymysql")),
    ("sidecar.index*", (*COMMON, *PORTS, "numpy", "weaviate", "snowballstemmer")),
    (
        "sidecar.embedder*",
        (*COMMON, *PORTS, "numpy", "onnx", "onnxruntime", "tokenizers", "openai"),
    ),
    (
        "sidecar.llm*",
        (
            *(*COMMON, *PORTS, "numpy", "openai", "anthropic", "py3langid", "scipy"),
            *("sidecar.logs", "sidecar.metrics"),
        ),
    ),
    (
        "sidecar.safety*",
        (*COMMON, *PORTS, "numpy", "argon2", "cryptography", "jwt", "phonenumbers"),
    ),
    ("sidecar.cache*", (*COMMON, *PORTS, "redis")),
    (
        "sidecar.parser*",
        (*COMMON, *PORTS, "pypdf", "docx", "selectolax", "markdown_it", "lxml"),
    ),
    (
        "sidecar.rpc*",
        (
            *(*COMMON, *PORTS, *GRPC, "sidecar.v1", "sidecar.usecases"),
            *("sidecar.logs", "sidecar.metrics"),
        ),
    ),
    ("sidecar.client*", (*CONTRACT, *GRPC, "grpc_health")),
    ("sidecar.settings*", ("sidecar.errors", "pydantic", "pydantic_settings")),
    # bootstrap, server, background, cli and the supervisor see all of sidecar.
    ("sidecar*", ("*",)),
    # The star: connectors and panel know the contract and nothing else of ours.
    *(
        (f"connectors.{vendor}*", (*CONTRACT, *GRPC, *SHARED, *sdk))
        for vendor, sdk in {
            "zendesk": ("zenpy", "requests"),
            "salesforce": ("simple_salesforce", "defusedxml", "jwt"),
            "email": ("imapclient",),
            "slack": ("slack_sdk",),
            "webhooks": ("httpx2",),
        }.items()
    ),
    (
        "connectors*",
        (*CONTRACT, *GRPC, "flask", "werkzeug", "waitress", "prometheus_client"),
    ),
    (
        "plugin_ui*",
        (
            *(*CONTRACT, *GRPC, "flask", "werkzeug", "markupsafe", "jinja2"),
            *("waitress", "jwt"),
        ),
    ),
]

# Loaded only where settings choose them: never at a module's top level elsewhere.
VENDOR_SDKS = {
    "anthropic": ("sidecar/llm/anthropic*",),
    # zenpy speaks through it; our own session is made of it.
    "requests": ("connectors/zendesk/api.py", "connectors/zendesk/transport.py"),
    "openai": ("sidecar/llm/openai*", "sidecar/embedder/openai*"),
    "simple_salesforce": ("connectors/salesforce/api.py",),
    "slack_sdk": ("connectors/slack/api.py",),
    "weaviate": ("sidecar/index/weaviate*",),
    "zenpy": ("connectors/zendesk/api.py",),
}


def _is_or_is_in(module: str, pattern: str) -> bool:
    parts = module.split(".")
    prefixes = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return any(fnmatchcase(prefix, pattern) for prefix in prefixes)


def _rule_of(module: str) -> tuple[str, tuple[str, ...]]:
    return next(rule for rule in MAY_IMPORT if fnmatchcase(module, rule[0]))


def _own_package(module: str) -> str:
    # A room may import itself; a port may not, or it would pull in its neighbours.
    parts = module.split(".")
    if parts[0] == "plugin_ui":
        return "plugin_ui"
    if len(parts) > 2 and module not in PORTS:
        return ".".join(parts[:2])
    # connector.py names every vendor in its table; a vendor never names another.
    return "connectors" if parts[0] == "connectors" else module


def violations(source: Source) -> list[str]:
    """Return "file:line imports module" for each import that no rule allows."""
    _, allowed = _rule_of(source.module)
    own = _own_package(source.module)
    permitted = (*STANDARD, own, *allowed)
    return [
        f"{source.path}:{line} imports {imported}"
        for line, imported in source.imports()
        if not any(_is_or_is_in(imported, pattern) for pattern in permitted)
    ]


@pytest.mark.parametrize("source", product_sources(), ids=lambda source: source.path)
def test_a_room_imports_only_what_the_design_allows(source: Source) -> None:
    """Every import is of the standard library, the own room, or an allowed module."""
    assert violations(source) == []


@pytest.mark.parametrize("sdk", sorted(VENDOR_SDKS))
def test_a_vendor_sdk_is_imported_by_the_file_named_for_it(sdk: str) -> None:
    """One file knows a vendor's SDK (zenpy's licence allows no other way)."""
    importers = {
        source.path
        for source in product_sources()
        for _, imported in source.imports()
        if _is_or_is_in(imported, sdk)
    }
    places = VENDOR_SDKS[sdk]
    assert [p for p in importers if not any(fnmatchcase(p, q) for q in places)] == []


def test_zenpy_is_imported_by_one_file_at_most() -> None:
    """The GPL-3.0 extra stays behind connectors/zendesk/api.py."""
    importers = [
        source.path
        for source in product_sources()
        if any(_is_or_is_in(imported, "zenpy") for _, imported in source.imports())
    ]
    assert importers in ([], ["connectors/zendesk/api.py"])
