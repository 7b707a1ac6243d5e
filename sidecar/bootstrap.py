"""The only file that chooses implementations: settings in, a furnished house out."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sidecar.cache.doorbell import MemoryDoorbell
from sidecar.cache.memory import MemoryCache, MemoryRateLimiter
from sidecar.cache.port import Cache, Doorbell, RateLimiter
from sidecar.clock import Clock, SystemClock
from sidecar.domain.access import Role
from sidecar.embedder.build_child import build_if_missing
from sidecar.embedder.kept import KeptVectors
from sidecar.embedder.minilm import MiniLmEmbedder
from sidecar.embedder.none import NoEmbedder
from sidecar.embedder.port import Embedder
from sidecar.embedder.weights import find_weights
from sidecar.errors import Misconfigured
from sidecar.index.embedded import EmbeddedIndex
from sidecar.llm.local.engine import LocalEngine
from sidecar.llm.port import Engine
from sidecar.parser.child_process import ChildProcessParser
from sidecar.safety.guards import Guards
from sidecar.safety.passwords import Argon2Passwords
from sidecar.safety.port import Safety
from sidecar.safety.vault import FernetVault
from sidecar.secret_keys import read_secrets, reseal, write_private
from sidecar.settings import Settings
from sidecar.store.port import Store, Transaction
from sidecar.store.sql import SqlStore
from sidecar.usecases.access import add_key, digest_of
from sidecar.usecases.ports import Ports

log = logging.getLogger(__name__)

# File of the key -> its role and what it may be used for, made at the first start.
FIRST_KEYS = {
    "admin.key": (Role.ADMIN, ""),
    "connectors.key": (Role.SERVICE, ""),
    "panel.key": (Role.PANEL, ""),
}


@dataclass(frozen=True, slots=True)
class House:
    """Everything one process works with; ``close`` it when done."""

    settings: Settings
    ports: Ports
    limiter: RateLimiter
    secret: bytes

    def close(self) -> None:
        """Release files, connections and child processes."""
        self.ports.engine.close()
        self.ports.doorbell.close()
        self.ports.parser.close()
        self.ports.index.close()
        self.ports.cache.close()
        self.ports.store.close()


def open_house(settings: Settings, clock: Clock | None = None) -> House:
    """Open store, index, embedder and engine; the first migrates and makes keys.

    Raises ``Misconfigured`` with what to set when a setting cannot be used.
    """
    clock = clock or SystemClock()
    make_private_folder(settings.data_dir)
    lock = settings.data_dir / "start.lock"
    with one_at_a_time(lock), ThreadPoolExecutor(1, "opening") as aside:
        server_secrets = read_secrets(settings)
        # The model loads, or is built by a child, while the schema is brought up.
        opening = aside.submit(choose_embedder, settings)
        doorbell = choose_doorbell(settings)
        store = SqlStore(settings.effective_database_url, clock, ring=doorbell.ring)
        store.prepare()
        store.warm_up()
        embedder = opening.result()
        index = choose_index(settings, embedder)
        cache, limiter = choose_cache(settings)
        safety = Guards()
        engine = choose_engine(settings, embedder, safety, store, cache, clock)
        ports = Ports(
            store=store,
            index=index,
            embedder=embedder,
            engine=engine,
            parser=ChildProcessParser(),
            safety=safety,
            passwords=Argon2Passwords(),
            vault=FernetVault(server_secrets),
            cache=cache,
            doorbell=doorbell,
            clock=clock,
        )
        make_first_keys(ports, settings)
        reseal(ports)
    return House(settings, ports, limiter, server_secrets[0])


def choose_embedder(settings: Settings) -> Embedder:
    """Open MiniLM where its weights are; else go on without vectors and say so."""
    if settings.embedder == "none":
        return NoEmbedder()
    weights = find_weights()
    if weights is None:
        if settings.embedder == "minilm":
            raise Misconfigured(
                "DESKSIDE_EMBEDDER is minilm, but its weights are not installed."
                " Run `make run`, or set DESKSIDE_EMBEDDER=auto to go on with keywords."
            )
        log.warning("no embedding model: search goes by words only; see `doctor`")
        return NoEmbedder()
    threads = settings.threads or max(1, (os.cpu_count() or 1) // settings.processes)
    models, variant = settings.data_dir / "models", settings.embedder_variant
    build_if_missing(weights, models, variant)
    return MiniLmEmbedder.open(weights, models, variant, threads)


def choose_index(settings: Settings, embedder: Embedder) -> EmbeddedIndex:
    """Open the embedded index beside the database."""
    if settings.weaviate_url:
        raise Misconfigured(
            "DESKSIDE_WEAVIATE_URL is set, but this version has the embedded index"
            " only. Unset it to start."
        )
    return EmbeddedIndex(
        settings.data_dir / "index",
        model=embedder.model,
        dimensions=embedder.dimensions,
    )


def choose_engine(
    settings: Settings,
    embedder: Embedder,
    safety: Safety,
    store: Store,
    cache: Cache,
    clock: Clock,
) -> Engine:
    """Open the engine that thinks: the local one, or a language model before it."""
    kept = KeptVectors(embedder, settings.data_dir / "labels")
    local = LocalEngine(embedder, kept)
    if settings.llm == "local":
        return local
    # Only when chosen: the SDKs cost a second and 60 MB.
    from sidecar.llm.remote.opening import Limits, open_models
    from sidecar.model_accounts import model_accounts

    limits = Limits(
        seconds=settings.llm_seconds,
        tokens=settings.llm_tokens,
        keep=timedelta(seconds=settings.llm_cache_seconds),
        test_hosts=settings.allow_test_hosts,
    )
    accounts = model_accounts(settings)
    return open_models(accounts, limits, local, safety, store, cache, clock)


def choose_cache(settings: Settings) -> tuple[Cache, RateLimiter]:
    """Use Redis where an address is given, else this process's memory."""
    if not settings.redis_url:
        return MemoryCache(), MemoryRateLimiter(settings.processes)
    from sidecar.cache.redis import RedisCache, RedisRateLimiter  # only when chosen

    cache = RedisCache(settings.redis_url)
    return cache, RedisRateLimiter(settings.redis_url, settings.processes)


def choose_doorbell(settings: Settings) -> Doorbell:
    """Ring by Redis where an address is given, else in this process only."""
    if not settings.redis_url:
        return MemoryDoorbell()
    from sidecar.cache.redis_doorbell import RedisDoorbell  # only when chosen

    return RedisDoorbell(settings.redis_url)


def make_private_folder(folder: Path) -> None:
    """Make the data folder, readable by its owner only; keeps the mode of one given."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"DESKSIDE_DATA_DIR: cannot make {folder} ({error.strerror})."
            " Set it to a folder this user may write to."
        ) from None
    if not os.access(folder, os.W_OK):
        raise Misconfigured(
            f"DESKSIDE_DATA_DIR: {folder} is not writable for this user."
        )


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Let one process of this machine in at a time; freed when its holder dies."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_first_keys(ports: Ports, settings: Settings) -> None:
    """Make the first keys of the workspace when it has none.

    The files are written before the commit: a crash in between leaves files of keys
    that were never valid, and the next start replaces them.
    """
    workspace = settings.workspace
    with ports.store.reading() as tx:
        if tx.access.keys(workspace):
            return
    with ports.store.transaction() as tx:
        if tx.access.keys(workspace):
            return
        for file_name, (role, connector) in FIRST_KEYS.items():
            name = file_name.removesuffix(".key")
            path = _key_file(tx, settings, file_name)
            _, secret = add_key(
                tx, ports, workspace, name, role, connector, None, "first start"
            )
            write_private(path, secret + "\n")


def _key_file(tx: Transaction, settings: Settings, file_name: str) -> Path:
    """Return where a first key is written: never over another workspace's key."""
    path = settings.data_dir / file_name
    if path.exists():
        known = tx.access.key_by_digest(digest_of(path.read_text().strip()))
        if known is not None and known.workspace != settings.workspace:
            return path.with_name(f"{path.stem}.{settings.workspace}.key")
    return path
