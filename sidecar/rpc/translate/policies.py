"""Reply templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sidecar.errors import LookElsewhere, Reason
from sidecar.rpc.translate import enums, limits
from sidecar.v1 import policy_pb2, template_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sidecar.domain.reply import ReplyTemplate

_VARIABLE = re.compile(r"\{([a-z_]+)\}")


def templates(
    found: Iterable[ReplyTemplate], request: policy_pb2.ListReplyTemplatesRequest
) -> policy_pb2.ListReplyTemplatesResponse:
    """Return the templates that fit the filters."""
    limits.page_size(request.page_size)
    purpose = limits.choice("purpose", request.purpose, enums.PURPOSE_IN)
    language = limits.language("language", request.language)
    chosen = [
        item
        for item in found
        if (not request.purpose or item.purpose is purpose)
        and language in ("", item.language)
        and request.category in ("", item.category)
    ]
    return policy_pb2.ListReplyTemplatesResponse(
        templates=[template(item) for item in chosen]
    )


def one_template(
    found: Iterable[ReplyTemplate], request: policy_pb2.GetReplyTemplateRequest
) -> policy_pb2.GetReplyTemplateResponse:
    """Return the template asked for or raise ``LookElsewhere``."""
    known = limits.identifier("template_id", request.template_id, required=True)
    for item in found:
        if item.id == known:
            return policy_pb2.GetReplyTemplateResponse(template=template(item))
    raise LookElsewhere(Reason.TEMPLATE_NOT_FOUND, known)


def template(found: ReplyTemplate) -> template_pb2.ReplyTemplate:
    """Return a template as the contract has it."""
    severities = [n for w, n in enums.SEVERITY.items() if w.value == found.severity]
    return template_pb2.ReplyTemplate(
        template_id=found.id,
        name=found.name,
        body=found.body,
        purpose=enums.PURPOSE[found.purpose],
        language=found.language,
        categories=[found.category] if found.category else [],
        severities=severities,
        variables=sorted(set(_VARIABLE.findall(found.body))),
        enabled=True,
    )
