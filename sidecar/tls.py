"""Certificates of the gRPC service, read again when their files change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc

from sidecar.errors import Misconfigured

if TYPE_CHECKING:
    from pathlib import Path

    from sidecar.settings import Settings


class CertificateFiles:
    """Key, certificate and, with mutual TLS, the authority of clients."""

    def __init__(self, key: Path, certificate: Path, client_ca: Path | None) -> None:
        self._key = key
        self._certificate = certificate
        self._client_ca = client_ca
        self._seen = self._state()

    def load(self) -> grpc.ServerCertificateConfiguration:
        """Return the files' present content."""
        root = self._client_ca.read_bytes() if self._client_ca else None
        pair = (self._key.read_bytes(), self._certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], root)

    def load_changed(self) -> grpc.ServerCertificateConfiguration | None:
        """Return the new content after a change, else None; gRPC asks per handshake."""
        try:
            state = self._state()
            if state == self._seen:
                return None
            changed = self.load()
        except OSError:
            return None  # half-way through a renewal: the old pair goes on
        self._seen = state
        return changed

    def _state(self) -> tuple[tuple[int, int], ...]:
        files = (self._key, self._certificate, self._client_ca)
        found = (file.stat() for file in files if file is not None)
        return tuple((stat.st_mtime_ns, stat.st_size) for stat in found)


def server_credentials(settings: Settings) -> grpc.ServerCredentials:
    """Return TLS, mutual where an authority for clients is set, with live renewal."""
    assert settings.tls_key is not None
    assert settings.tls_cert is not None
    try:
        files = CertificateFiles(
            settings.tls_key, settings.tls_cert, settings.tls_client_ca
        )
        first = files.load()
    except OSError as error:
        raise Misconfigured(
            f"{error.filename} cannot be read ({error.strerror}); check"
            " DESKSIDE_TLS_CERT, DESKSIDE_TLS_KEY and DESKSIDE_TLS_CLIENT_CA."
        ) from None
    return grpc.dynamic_ssl_server_credentials(
        first,
        files.load_changed,  # type: ignore[arg-type]  # None means unchanged
        require_client_authentication=settings.tls_client_ca is not None,
    )
