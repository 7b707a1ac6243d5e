"""RPCs whose work is not built yet: which, and what they say instead of pretending."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from sidecar.errors import NotAvailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.rpc.call import Call

_WEBHOOKS = "Outbound webhooks arrive with the connectors."
_PRIVACY = "Export and erasure of a customer arrive with the privacy work."
_GAPS = "Knowledge gaps arrive with the quality work."
_QUALITY = "Training, replay and evaluation arrive with the quality work."
_ANALYTICS = "Analytics arrive with the administration page."

# "Service/Rpc" → the sentence a caller reads.
SENTENCES: dict[str, str] = {
    "KnowledgeService/UpdateDocument": "Upload the document again to change it.",
    "KnowledgeService/ListKnowledgeGaps": _GAPS,
    "KnowledgeService/UpdateKnowledgeGap": _GAPS,
    "PolicyService/PreviewReplyTemplate": "Draft a reply with the template instead.",
    "WebhookService/CreateWebhookEndpoint": _WEBHOOKS,
    "WebhookService/GetWebhookEndpoint": _WEBHOOKS,
    "WebhookService/ListWebhookEndpoints": _WEBHOOKS,
    "WebhookService/UpdateWebhookEndpoint": _WEBHOOKS,
    "WebhookService/DeleteWebhookEndpoint": _WEBHOOKS,
    "WebhookService/TestWebhookEndpoint": _WEBHOOKS,
    "WebhookService/ListWebhookDeliveries": _WEBHOOKS,
    "WebhookService/ReplayWebhookDeliveries": _WEBHOOKS,
    "WebhookService/RecordWebhookDelivery": _WEBHOOKS,
    "AccessService/DeleteMember": "Disable the member with UpdateMember instead.",
    "AccessService/VerifyAuditLog": "Sealing the audit log arrives with hardening.",
    "InsightService/GetAnalytics": _ANALYTICS,
    "InsightService/GetTemplateEffectiveness": _ANALYTICS,
    "InsightService/StartReplay": _QUALITY,
    "InsightService/StartEvaluation": _QUALITY,
    "PrivacyService/ExportCustomer": _PRIVACY,
    "PrivacyService/EraseCustomer": _PRIVACY,
    "PrivacyService/GetErasureReceipt": _PRIVACY,
}


def refuse(sentence: str) -> Callable[[object, Call], NoReturn]:
    """Build the method of an RPC that says what is missing."""

    def method(_request: object, _call: Call) -> NoReturn:
        raise NotAvailable(sentence)

    return method
