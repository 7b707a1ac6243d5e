"""TLS, pings, readiness and draining: what happens around the calls."""

from __future__ import annotations

import datetime as dt
import ipaddress
import threading
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2

from sidecar.client import CHANNEL_OPTIONS, SidecarClient, SidecarError, Tls
from sidecar.errors import Misconfigured, Reason, TryAgain
from sidecar.server import Options, options_from
from sidecar.settings import Settings
from sidecar.tls import server_credentials
from sidecar.v1 import assist_pb2
from tests.contract.rpc.tiny import RETRIEVE, UNLIMITED, Tiny, serving

REQUEST = assist_pb2.RetrieveRequest()
_KEPT_OUT = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.PERMISSION_DENIED,
)


def answer(_request: Any, _call: Any) -> assist_pb2.RetrieveResponse:
    return assist_pb2.RetrieveResponse(answerable=True)


class Authority:
    """A certificate authority of this test alone."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.pem = _pem(_sign(self._name, self._name, self._key, self._key, None))

    def issue(self, san: str) -> tuple[bytes, bytes]:
        """Return key and certificate for one name or address."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, san)])
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(san))
        except ValueError:
            name = x509.DNSName(san)
        made = _sign(subject, self._name, key, self._key, name)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return private, _pem(made)


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    san: x509.GeneralName | None,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(san is None, None), critical=True)
    )
    if san is not None:
        names = x509.SubjectAlternativeName([san])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def tls_settings(
    folder: Path, server: tuple[bytes, bytes], client_ca: bytes
) -> Settings:
    (folder / "key.pem").write_bytes(server[0])
    (folder / "cert.pem").write_bytes(server[1])
    (folder / "ca.pem").write_bytes(client_ca)
    return Settings(
        tls_key=folder / "key.pem",
        tls_cert=folder / "cert.pem",
        tls_client_ca=folder / "ca.pem",
    )


def retrieves(tiny: Tiny, tls: Tls) -> bool:
    with SidecarClient(tiny.address, "admin", tls=tls) as client:
        try:
            return client.assist.Retrieve(REQUEST, timeout=1.5).answerable
        except SidecarError as error:
            if error.code not in _KEPT_OUT:
                raise
            return False


def test_mutual_tls_lets_in_only_certificates_of_our_authority(tmp_path: Path) -> None:
    """C17: another authority's certificate, or none, fails in the handshake."""
    ours, theirs = Authority("ours"), Authority("theirs")
    settings = tls_settings(tmp_path, ours.issue("127.0.0.1"), ours.pem)
    options = Options(limits=UNLIMITED, credentials=server_credentials(settings))
    with serving({RETRIEVE: answer}, options) as tiny:
        key, certificate = ours.issue("connector.example")
        assert retrieves(tiny, Tls(ours.pem, certificate, key))
        key, certificate = theirs.issue("connector.example")
        assert not retrieves(tiny, Tls(ours.pem, certificate, key))
        assert not retrieves(tiny, Tls(ours.pem))
        key, certificate = ours.issue("connector.example")
        assert not retrieves(tiny, Tls(theirs.pem, certificate, key))


def test_a_certificate_with_another_name_may_not_call(tmp_path: Path) -> None:
    """C17: signed by our authority, but not for this service."""
    ours = Authority("ours")
    settings = tls_settings(tmp_path, ours.issue("127.0.0.1"), ours.pem)
    options = Options(
        limits=UNLIMITED,
        credentials=server_credentials(settings),
        client_names=frozenset({"connector.example"}),
    )
    with serving({RETRIEVE: answer}, options) as tiny:
        key, certificate = ours.issue("connector.example")
        assert retrieves(tiny, Tls(ours.pem, certificate, key))
        key, certificate = ours.issue("somebody.example")
        assert not retrieves(tiny, Tls(ours.pem, certificate, key))


def test_a_renewed_certificate_is_used_without_a_restart(tmp_path: Path) -> None:
    """The files are read again when they change."""
    old, new = Authority("old"), Authority("new")
    settings = tls_settings(tmp_path, old.issue("127.0.0.1"), old.pem)
    options = Options(limits=UNLIMITED, credentials=server_credentials(settings))
    key, certificate = old.issue("client.example")
    with serving({RETRIEVE: answer}, options) as tiny:
        assert retrieves(tiny, Tls(old.pem, certificate, key))
        tls_settings(tmp_path, new.issue("127.0.0.1"), old.pem)
        assert retrieves(tiny, Tls(new.pem, certificate, key))
        assert not retrieves(tiny, Tls(old.pem, certificate, key))


def test_a_listener_others_can_reach_needs_tls() -> None:
    """Keys never travel unprotected unless somebody says so."""
    with pytest.raises(Misconfigured, match="DESKSIDE_TLS_CERT"):
        options_from(Settings(sidecar_address="0.0.0.0:50051"))
    loud = Settings(sidecar_address="0.0.0.0:50051", insecure=True)
    assert options_from(loud).credentials is None


@pytest.mark.parametrize("seconds", [0.2, 60], ids=["hasty", "as shipped"])
def test_pings_never_kill_a_call(seconds: float) -> None:
    """C16: whatever a client's keepalive is set to, calls under way go on."""

    def slow(_request: Any, _call: Any) -> assist_pb2.RetrieveResponse:
        time.sleep(3)
        return assist_pb2.RetrieveResponse(answerable=True)

    hasty = (
        ("grpc.keepalive_time_ms", int(seconds * 1000)),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.http2.min_time_between_pings_ms", 100),
    )
    with serving({RETRIEVE: slow}) as tiny, tiny.client(options=hasty) as client:
        assert client.assist.Retrieve(REQUEST).answerable


def test_the_shipped_client_pings_less_often_than_the_server_allows() -> None:
    """C16: the pair fits."""
    assert dict(CHANNEL_OPTIONS)["grpc.keepalive_time_ms"] == 60_000


def health(tiny: Tiny, service: str) -> int:
    with grpc.insecure_channel(tiny.address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        status: int = check(health_pb2.HealthCheckRequest(service=service)).status
        return status


def test_without_database_the_process_lives_but_is_not_ready() -> None:
    """C12: readiness NOT_SERVING, liveness SERVING, and back again."""
    serving_now = health_pb2.HealthCheckResponse.SERVING
    name = "sidecar.v1.AssistService"
    with serving({RETRIEVE: answer}) as tiny:
        assert health(tiny, name) == serving_now
        tiny.trouble = TryAgain(Reason.DATABASE_UNAVAILABLE)
        _wait(lambda: health(tiny, name) != serving_now)
        assert health(tiny, "") == serving_now
        tiny.trouble = None
        _wait(lambda: health(tiny, name) == serving_now)
        assert tiny.readiness[-3:] == [True, False, True]


def test_stopping_says_so_first_and_lets_calls_end() -> None:
    """A drain finishes what runs, refuses what comes, and tells watchers."""
    began, go = threading.Event(), threading.Event()

    def slow(_request: Any, _call: Any) -> assist_pb2.RetrieveResponse:
        began.set()
        go.wait(5)
        return assist_pb2.RetrieveResponse(answerable=True)

    with serving({RETRIEVE: slow}) as tiny, tiny.client() as client:
        running = client.assist.Retrieve.future(REQUEST)
        assert began.wait(2)
        stopper = threading.Thread(target=tiny.server.stop, args=(5.0,))
        stopper.start()
        _wait(lambda: tiny.readiness[-1] is False)
        with pytest.raises(SidecarError):
            tiny.client().assist.Retrieve(REQUEST, timeout=0.5)
        go.set()
        assert running.result(timeout=5).answerable
        stopper.join(5)
        assert not stopper.is_alive()


def _wait(condition: Any) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
