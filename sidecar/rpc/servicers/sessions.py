"""People's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.errors import NotAvailable
from sidecar.rpc.translate import access, enums, limits
from sidecar.usecases.sessions import (
    demo_session,
    refresh_session,
    revoke_session,
    sign_in,
    who_am_i,
)
from sidecar.v1 import session_pb2 as pb

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.usecases.sessions import Opened


class Sessions:
    """``SessionService``."""

    def __init__(self, desk: Desk) -> None:
        self._ports = desk.ports
        self._demo = desk.demo

    def create_session(
        self, request: pb.CreateSessionRequest, call: Call
    ) -> pb.CreateSessionResponse:
        """Open a session for the person the credential speaks for."""
        return pb.CreateSessionResponse(
            session=access.session(self._open(request, call))
        )

    def refresh_session(
        self, _request: pb.RefreshSessionRequest, call: Call
    ) -> pb.RefreshSessionResponse:
        """Exchange the session this call comes with for a new one."""
        opened = refresh_session(self._ports, call.bearer)
        return pb.RefreshSessionResponse(session=access.session(opened))

    def revoke_session(
        self, _request: pb.RevokeSessionRequest, call: Call
    ) -> pb.RevokeSessionResponse:
        """End the session this call comes with."""
        revoke_session(self._ports, call.bearer)
        return pb.RevokeSessionResponse()

    def get_me(self, _request: pb.GetMeRequest, call: Call) -> pb.GetMeResponse:
        """Return who is calling."""
        caller = call.caller
        person = who_am_i(self._ports, caller) if caller.member_id else None
        return access.me(caller, person)

    def _open(self, request: pb.CreateSessionRequest, call: Call) -> Opened:
        which = request.WhichOneof("credential")
        if which is None:
            raise limits.missing("credential")
        if which == "password":
            given = request.password
            return sign_in(
                self._ports,
                call.caller,
                limits.identifier("password.email", given.email, required=True),
                limits.identifier(
                    "password.password",
                    given.password,
                    required=True,
                    longest=limits.MAX_PASSWORD,
                ),
            )
        if which == "demo":
            role = limits.choice("demo.role", request.demo.role, enums.ROLE_IN)
            return demo_session(self._ports, call.caller, role, self._demo)
        raise NotAvailable("Signing in through a helpdesk arrives with its connector.")
