"""Taxonomy, escalation rules and reply templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.rpc.translate import (
    escalation_rules,
    flags,
    policies,
    quarantine,
    taxonomy,
    training,
)
from sidecar.rpc.translate.budgets import budget, budget_updated, new_budget
from sidecar.rpc.translate.limits import identifier, page_size
from sidecar.usecases.budgets import get_budget, update_budget
from sidecar.usecases.edit_templates import (
    create_template,
    delete_template,
    update_template,
)
from sidecar.usecases.flags import get_flags, update_flags
from sidecar.usecases.policies import (
    get_rules,
    get_taxonomy,
    update_rules,
    update_taxonomy,
)
from sidecar.usecases.quarantine import (
    discard_quarantined,
    list_quarantine,
    release_quarantined,
)
from sidecar.usecases.templates import list_templates
from sidecar.usecases.train import activate_version, list_versions, start_training
from sidecar.usecases.try_rules import try_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sidecar.rpc.call import Call
    from sidecar.rpc.servicers.desk import Desk
    from sidecar.v1 import policy_pb2 as pb


class Policies:
    """``PolicyService``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ports = desk.ports

    def get_taxonomy(
        self, _request: pb.GetTaxonomyRequest, call: Call
    ) -> pb.GetTaxonomyResponse:
        """Return the values category and intent may take."""
        return taxonomy.taxonomy(get_taxonomy(self._ports, call.caller))

    def update_taxonomy(
        self, request: pb.UpdateTaxonomyRequest, call: Call
    ) -> pb.UpdateTaxonomyResponse:
        """Replace the values category and intent may take."""
        wanted = taxonomy.new_taxonomy(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: update_taxonomy(self._ports, call.caller, wanted, finish),
            taxonomy.updated,
        )

    def train_classifier(
        self, requests: Iterator[pb.TrainClassifierRequest], call: Call
    ) -> pb.TrainClassifierResponse:
        """Queue a training on labelled texts."""
        identity, command = training.command(requests)
        return self._desk.once.run(
            call,
            identity,
            lambda finish: start_training(self._ports, call.caller, command, finish),
            training.started,
        )

    def list_classifier_versions(
        self, _request: pb.ListClassifierVersionsRequest, call: Call
    ) -> pb.ListClassifierVersionsResponse:
        """Return the trained versions of the classifier."""
        return training.versions(list_versions(self._ports, call.caller))

    def activate_classifier_version(
        self, request: pb.ActivateClassifierVersionRequest, call: Call
    ) -> pb.ActivateClassifierVersionResponse:
        """Use another trained version, or none."""
        number = training.version(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: activate_version(self._ports, call.caller, number, finish),
            training.activated,
        )

    def get_escalation_rules(
        self, _request: pb.GetEscalationRulesRequest, call: Call
    ) -> pb.GetEscalationRulesResponse:
        """Return the rules by which tickets are escalated."""
        return escalation_rules.rules(get_rules(self._ports, call.caller))

    def update_escalation_rules(
        self, request: pb.UpdateEscalationRulesRequest, call: Call
    ) -> pb.UpdateEscalationRulesResponse:
        """Replace the rules by which tickets are escalated."""
        wanted = escalation_rules.new_rules(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: update_rules(self._ports, call.caller, wanted, finish),
            escalation_rules.updated,
        )

    def get_budget(
        self, _request: pb.GetBudgetRequest, call: Call
    ) -> pb.GetBudgetResponse:
        """Return what language models may cost and have cost."""
        return budget(get_budget(self._ports, call.caller))

    def update_budget(
        self, request: pb.UpdateBudgetRequest, call: Call
    ) -> pb.UpdateBudgetResponse:
        """Set what language models may cost."""
        wanted = new_budget(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: update_budget(self._ports, call.caller, wanted, finish),
            budget_updated,
        )

    def list_quarantine(
        self, request: pb.ListQuarantineRequest, call: Call
    ) -> pb.ListQuarantineResponse:
        """Return a page of what is set aside, newest first."""
        states, size = quarantine.states(request), page_size(request.page_size)
        cursor = self._desk.pages.open(call, request)
        page = list_quarantine(self._ports, call.caller, states, size, cursor)
        token = self._desk.pages.seal(call, request, page.next_cursor)
        return quarantine.page(page.items, token)

    def release_quarantined(
        self, request: pb.ReleaseQuarantinedRequest, call: Call
    ) -> pb.ReleaseQuarantinedResponse:
        """Let something set aside be used again."""
        known = identifier("item_id", request.item_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda finish: release_quarantined(self._ports, call.caller, known, finish),
            quarantine.released,
        )

    def discard_quarantined(
        self, request: pb.DiscardQuarantinedRequest, call: Call
    ) -> pb.DiscardQuarantinedResponse:
        """Throw something set aside away for good."""
        known = identifier("item_id", request.item_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda finish: discard_quarantined(self._ports, call.caller, known, finish),
            quarantine.discarded,
        )

    def test_escalation_rules(
        self, request: pb.TestEscalationRulesRequest, call: Call
    ) -> pb.TestEscalationRulesResponse:
        """Say what rules would have done to past tickets."""
        rules, span, most = escalation_rules.trial(request)
        found = try_rules(self._ports, call.caller, rules, span, most, call.wanted)
        return escalation_rules.tried(found, rules)

    def get_feature_flags(
        self, _request: pb.GetFeatureFlagsRequest, call: Call
    ) -> pb.GetFeatureFlagsResponse:
        """Return which features are on."""
        return flags.shown(get_flags(self._ports, call.caller))

    def update_feature_flags(
        self, request: pb.UpdateFeatureFlagsRequest, call: Call
    ) -> pb.UpdateFeatureFlagsResponse:
        """Switch features."""
        changed, etag = flags.changes(request)
        return self._desk.once.run(
            call,
            request,
            lambda done: update_flags(self._ports, call.caller, changed, etag, done),
            flags.updated,
        )

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

    def create_reply_template(
        self, request: pb.CreateReplyTemplateRequest, call: Call
    ) -> pb.CreateReplyTemplateResponse:
        """Add a template of the workspace's own."""
        wanted = policies.new_template(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: create_template(self._ports, call.caller, wanted, finish),
            policies.created,
        )

    def update_reply_template(
        self, request: pb.UpdateReplyTemplateRequest, call: Call
    ) -> pb.UpdateReplyTemplateResponse:
        """Change a template of the workspace's own."""
        change = policies.template_change(request)
        return self._desk.once.run(
            call,
            request,
            lambda finish: update_template(self._ports, call.caller, change, finish),
            policies.changed,
        )

    def delete_reply_template(
        self, request: pb.DeleteReplyTemplateRequest, call: Call
    ) -> pb.DeleteReplyTemplateResponse:
        """Remove a template of the workspace's own."""
        known = identifier("template_id", request.template_id, required=True)
        return self._desk.once.run(
            call,
            request,
            lambda finish: delete_template(self._ports, call.caller, known, finish),
            lambda _: policies.deleted(),
        )
