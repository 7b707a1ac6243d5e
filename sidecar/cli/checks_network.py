"""What ``doctor`` looks at on the network: sidecar, ports, TLS, Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.cli.checks import Finding
from sidecar.cli.listeners import by, is_taken
from sidecar.cli.serve import has_connectors

if TYPE_CHECKING:
    from sidecar.settings import Settings

_ENDS_SOON = timedelta(days=21)


def sidecar(settings: Settings) -> Iterator[Finding]:
    """Look whether the sidecar answers, and whether the key is good."""
    import click

    from sidecar.cli.connection import connect, describe_key
    from sidecar.client import SidecarError
    from sidecar.v1 import insight_pb2

    if not is_taken(settings.sidecar_address):
        text = f"does not run at {settings.sidecar_address}"
        yield Finding("sidecar", "warn", text, "deskside up")
        return
    try:
        with connect() as client:
            request = insight_pb2.GetStatusRequest()
            status = client.insight.GetStatus(request, timeout=5)
    except click.ClickException as error:
        first, *rest = error.format_message().splitlines()
        yield Finding("sidecar", "bad", first, " ".join(rest))
        return
    except SidecarError as error:
        who = by(settings.sidecar_address)
        text = f"{settings.sidecar_address} is in use{who}: {error.message or error}"
        advice = f"is it Deskside, and is the key its own? {describe_key()}"
        yield Finding("sidecar", "bad", text, advice)
        return
    text = f"serves at {settings.sidecar_address}, version {status.version}"
    yield Finding("sidecar", "ok", text)
    for part in status.components:
        if part.health == insight_pb2.COMPONENT_HEALTH_DOWN:
            yield Finding(part.name, "bad", part.message)
        elif part.health == insight_pb2.COMPONENT_HEALTH_DEGRADED:
            yield Finding(part.name, "warn", part.message)


def connectivity(settings: Settings) -> Iterator[Finding]:
    """Look whether each port is free, or who has it."""
    from sidecar.settings import is_loopback

    addresses = {
        "DESKSIDE_METRICS_ADDRESS": settings.metrics_address,
        "DESKSIDE_PANEL_ADDRESS": settings.panel_address,
    }
    if has_connectors():
        addresses["DESKSIDE_CONNECTORS_ADDRESS"] = settings.connectors_address
    for variable, address in addresses.items():
        name = variable.split("_")[1].lower()
        who = by(address) if is_taken(address) else ""
        ours = any(word in who for word in ("deskside", "sidecar", "plugin_ui"))
        if not is_taken(address):
            yield Finding(f"{name} port", "ok", f"{address} is free")
        elif ours:
            yield Finding(f"{name} port", "ok", f"{address} is Deskside's own")
        else:
            advice = f"stop that, or set {variable} to another HOST:PORT"
            yield Finding(f"{name} port", "warn", f"{address} is in use{who}", advice)
    if not is_loopback(settings.sidecar_address) and not settings.tls_cert:
        text = f"{settings.sidecar_address} is reachable from outside without TLS"
        state = "warn" if settings.insecure else "bad"
        advice = "set DESKSIDE_TLS_CERT and DESKSIDE_TLS_KEY, or listen on 127.0.0.1"
        yield Finding("exposure", state, text, advice)


def tls(settings: Settings) -> Iterator[Finding]:
    """Look whether the files of TLS can be read and when the certificate ends."""
    files = {
        "DESKSIDE_TLS_CERT": settings.tls_cert,
        "DESKSIDE_TLS_KEY": settings.tls_key,
        "DESKSIDE_TLS_CLIENT_CA": settings.tls_client_ca,
    }
    for variable, path in files.items():
        if path is None:
            continue
        try:
            path.read_bytes()
        except OSError as error:
            text = f"{variable} names {path}: {error.strerror}"
            yield Finding("tls", "bad", text, "make it readable for this user")
            return
    if settings.tls_cert:
        yield _certificate(settings.tls_cert)


def _certificate(path: Path) -> Finding:
    from cryptography import x509

    from sidecar.clock import SystemClock

    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        return Finding("tls", "bad", f"{path} holds no certificate", "use a PEM file")
    ends = certificate.not_valid_after_utc
    text = f"certificate is good until {ends:%Y-%m-%d}"
    now = SystemClock().now()
    if ends < now:
        return Finding("tls", "bad", f"certificate ended {ends:%Y-%m-%d}", "renew it")
    if ends - now < _ENDS_SOON:
        return Finding("tls", "warn", text, "renew it")
    return Finding("tls", "ok", text)


def redis(settings: Settings) -> Iterator[Finding]:
    """Look whether Redis answers, where one is set."""
    if not settings.redis_url:
        return
    from redis import Redis, RedisError

    try:
        with Redis.from_url(settings.redis_url, socket_timeout=2) as server:
            server.ping()
    except (RedisError, ValueError) as error:
        text = f"does not answer ({type(error).__name__}): limits are not shared"
        yield Finding("redis", "warn", text, "look at DESKSIDE_REDIS_URL")
        return
    yield Finding("redis", "ok", "answers")
