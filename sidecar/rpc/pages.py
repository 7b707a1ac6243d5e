"""Page tokens: the store's cursor, signed and bound to workspace, RPC and filter."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from sidecar.errors import FieldViolation, MendRequest, Reason

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from sidecar.rpc.call import Call

_MAC_BYTES = 16
_MAX_TOKEN = 2048


class PageTokens:
    """Seals and opens page tokens with the server's secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"deskside page tokens", "sha256")

    def seal(self, call: Call, request: Message, cursor: str) -> str:
        """Return the token for the next page, '' at the end."""
        if not cursor:
            return ""
        data = cursor.encode()
        sealed = self._mac(call, request, data) + data
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, call: Call, request: Message) -> str:
        """Return the cursor of ``request.page_token``.

        Raises ``MendRequest(PAGE_TOKEN_INVALID)`` for a token that was forged or made
        for another workspace, list or filter.
        """
        token: str = request.page_token  # type: ignore[attr-defined]  # every list request has one
        if not token:
            return ""
        try:
            if len(token) > _MAX_TOKEN:
                raise ValueError
            padded = token + "=" * (-len(token) % 4)
            sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
            mac, data = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
            if not hmac.compare_digest(mac, self._mac(call, request, data)):
                raise ValueError
            return data.decode()
        except (ValueError, binascii.Error):
            raise MendRequest(
                Reason.PAGE_TOKEN_INVALID,
                (FieldViolation("page_token", "Take it from the page before."),),
            ) from None

    def _mac(self, call: Call, request: Message, data: bytes) -> bytes:
        query = type(request)()
        query.CopyFrom(request)
        for name in ("page_token", "page_size"):
            query.ClearField(name)
        bound = hashlib.sha256(query.SerializeToString(deterministic=True)).digest()
        text = f"{call.caller.workspace}\n{call.rpc.path}\n".encode()
        return hmac.digest(self._key, text + bound + data, "sha256")[:_MAC_BYTES]
