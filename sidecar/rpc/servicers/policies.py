"""Taxonomy and reply templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import policies
from sidecar.usecases.policies import get_taxonomy
from sidecar.usecases.templates import list_templates

if TYPE_CHECKING:
    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.v1 import policy_pb2 as pb


class Policies:
    """``PolicyService``."""

    def __init__(self, desk: Desk) -> None:
        self._ports = desk.ports

    def get_taxonomy(
        self, _request: pb.GetTaxonomyRequest, call: Call
    ) -> pb.GetTaxonomyResponse:
        """Return the values category and intent may take."""
        return policies.taxonomy(get_taxonomy(self._ports, call.caller))

    def list_reply_templates(
        self, request: pb.ListReplyTemplatesRequest, call: Call
    ) -> pb.ListReplyTemplatesResponse:
        """Return the templates an agent may choose."""
        found = list_templates(self._ports, call.caller)
        return policies.templates(found, request)

    def get_reply_template(
        self, request: pb.GetReplyTemplateRequest, call: Call
    ) -> pb.GetReplyTemplateResponse:
        """Return one template."""
        found = list_templates(self._ports, call.caller)
        return policies.one_template(found, request)
