"""Reply templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sidecar.domain.reply import ReplyTemplate
from sidecar.errors import LookElsewhere, Reason, invalid
from sidecar.rpc.translate import enums, limits
from sidecar.usecases.edit_templates import TemplateChange, etag_of
from sidecar.v1 import policy_pb2, template_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME = 100
MAX_BODY = 10_000

_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_CHANGEABLE = frozenset(
    {"name", "body", "purpose", "language", "categories", "severities", "enabled"}
)
_SEVERITY_IN = {int(number): word.value for word, number in enums.SEVERITY.items()}


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


def new_template(request: policy_pb2.CreateReplyTemplateRequest) -> ReplyTemplate:
    """Return the template to store; its identifier is given later."""
    if not request.HasField("template"):
        raise limits.missing("template")
    given = request.template
    if given.template_id:
        wanted = "The identifier is given by the service; leave it empty."
        raise invalid("template.template_id", wanted)
    return ReplyTemplate(id="", **_values(given, _CHANGEABLE))


def template_change(request: policy_pb2.UpdateReplyTemplateRequest) -> TemplateChange:
    """Return what becomes of a template; without a mask every field is set."""
    if not request.HasField("template"):
        raise limits.missing("template")
    given = request.template
    wanted = frozenset(request.update_mask.paths) or _CHANGEABLE
    for path in sorted(wanted - _CHANGEABLE):
        raise invalid("update_mask", f"“{path[:100]}” cannot be changed.")
    return TemplateChange(
        template_id=limits.identifier(
            "template.template_id", given.template_id, required=True
        ),
        etag=limits.identifier("template.etag", given.etag, required=True),
        values=_values(given, wanted),
    )


def _values(
    given: template_pb2.ReplyTemplate, wanted: frozenset[str]
) -> dict[str, Any]:
    """Return the wanted fields under the domain's names; refuse what is not kept."""
    if given.tone:
        raise invalid("template.tone", "The tone is chosen with the draft.")
    if "enabled" in wanted and not given.enabled:
        wanted_words = "A template cannot be switched off yet; delete it instead."
        raise invalid("template.enabled", wanted_words)
    values: dict[str, Any] = {}
    if "name" in wanted:
        values["name"] = limits.text(
            "template.name", given.name, MAX_NAME, required=True
        ).strip()
    if "body" in wanted:
        values["body"] = limits.text(
            "template.body", given.body, MAX_BODY, required=True
        )
    if "purpose" in wanted:
        values["purpose"] = limits.choice(
            "template.purpose", given.purpose, enums.PURPOSE_IN
        )
    if "language" in wanted:
        values["language"] = limits.language("template.language", given.language)
    if "categories" in wanted:
        _check_one("template.categories", len(given.categories))
        values["category"] = "".join(
            limits.identifier(
                f"template.categories[{i}]", value, required=True, longest=MAX_NAME
            )
            for i, value in enumerate(given.categories)
        )
    if "severities" in wanted:
        _check_one("template.severities", len(given.severities))
        values["severity"] = "".join(
            limits.choice(f"template.severities[{i}]", value, _SEVERITY_IN)
            for i, value in enumerate(given.severities)
        )
    return values


def _check_one(field: str, count: int) -> None:
    if count > 1:
        raise invalid(field, "Name one, or none for all; make a template for each.")


def created(found: ReplyTemplate) -> policy_pb2.CreateReplyTemplateResponse:
    """Return the new template."""
    return policy_pb2.CreateReplyTemplateResponse(template=template(found))


def changed(found: ReplyTemplate) -> policy_pb2.UpdateReplyTemplateResponse:
    """Return the changed template."""
    return policy_pb2.UpdateReplyTemplateResponse(template=template(found))


def deleted() -> policy_pb2.DeleteReplyTemplateResponse:
    """Say that a template is gone."""
    return policy_pb2.DeleteReplyTemplateResponse()


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
        etag="" if found.built_in else etag_of(found),
    )
