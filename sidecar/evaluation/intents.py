"""Intents: by names alone, by descriptions, and with ten examples a label."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sidecar.domain.classification import Label, Taxonomy
from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, share
from sidecar.evaluation.measures import Say
from sidecar.usecases.classify import classify
from sidecar.usecases.policies import get_taxonomy, update_taxonomy
from sidecar.usecases.ports import Target, unsaved

_EVERY = 2
_HOME = Label("everything", "")

# What a team would write beside its labels; taken from the labels' public names only.
BITEXT_DESCRIPTIONS = {
    "cancel_order": "Cancel an order or purchase that was made.",
    "change_order": "Change items of an order: add, remove or swap a product.",
    "change_shipping_address": "Change or correct the delivery address.",
    "check_cancellation_fee": "How much the fee or penalty for cancelling is.",
    "check_invoice": "Find, see or check an invoice or bill.",
    "check_payment_methods": "Which payment methods and cards are accepted.",
    "check_refund_policy": "The policy: in which cases refunds are given.",
    "complaint": "Make a complaint or claim about the service.",
    "contact_customer_service": "Reach customer service: phone number, hours.",
    "contact_human_agent": "Speak with a human agent, a real person.",
    "create_account": "Create, open or register a new account.",
    "delete_account": "Delete, close or cancel a user account.",
    "delivery_options": "Which delivery and shipping options there are.",
    "delivery_period": "When the delivery will arrive, how long it takes.",
    "edit_account": "Edit or update data of the account or profile.",
    "get_invoice": "Get, download or be sent an invoice or bill.",
    "get_refund": "Get money back, ask for a refund or reimbursement.",
    "newsletter_subscription": "Subscribe to or unsubscribe from the newsletter.",
    "payment_issue": "Report a problem or error with a payment.",
    "place_order": "Place an order, buy or purchase a product.",
    "recover_password": "Recover, reset or retrieve a forgotten password.",
    "registration_problems": "Problem or error with sign-up and registration.",
    "review": "Leave a review, feedback or opinion about the company.",
    "set_up_shipping_address": "Set up or add a new delivery address.",
    "switch_account": "Switch to another account or account type.",
    "track_order": "Track an order, see its status.",
    "track_refund": "Track a refund, see its status.",
}


def described(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure 27 intents with one line of description each, and no example."""
    rows = _rows(data / "bitext_customer_support" / "train.csv")
    labels = [Label(name, text) for name, text in BITEXT_DESCRIPTIONS.items()]
    truth = [r["intent"] for r in rows]
    return [_accuracy("intent-described", labels, rows, truth, desk, say)]


def names_only(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure 77 intents by their bare names."""
    rows = _rows(data / "banking77" / "train.csv")
    truth = [r["label"] for r in rows]
    labels = [Label(name, "") for name in sorted(set(truth))]
    return [_accuracy("intent-names", labels, rows, truth, desk, say)]


def ten_shot(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure 77 intents with the published ten examples a label.

    Scored on the training texts that are not among the examples.
    """
    folder = data / "banking77"
    shots = _rows(folder / "train_10shot.csv")
    known = {r["text"] for r in shots}
    rows = [r for r in _rows(folder / "train.csv") if r["text"] not in known]
    truth = [r["label"] for r in rows]
    labels = [
        Label(name, "", tuple(r["text"] for r in shots if r["label"] == name))
        for name in sorted(set(truth))
    ]
    return [_accuracy("intent-10-shot", labels, rows, truth, desk, say)]


def _accuracy(
    row: str,
    labels: Sequence[Label],
    rows: Sequence[dict[str, str]],
    truth: Sequence[str],
    desk: Desk,
    say: Say,
) -> Figure:
    """Give a workspace these labels and let Classify read every second text."""
    caller = desk.fresh(row)
    old = get_taxonomy(desk.ports, caller)
    inside = tuple(replace(label, parent=_HOME.name) for label in labels)
    changed = Taxonomy((_HOME,), inside, etag=old.etag)
    update_taxonomy(desk.ports, caller, changed, unsaved)
    right: list[bool] = []
    for number in range(0, len(rows), _EVERY):
        if number % 200 == 0:
            say(f"{number} of {len(rows)}")
        message = Message("m", Author(AuthorRole.CUSTOMER), rows[number]["text"])
        target = Target(ticket=Ticket(str(number), "evaluation", messages=(message,)))
        answer = classify(desk.ports, caller, target, unsaved).classification
        right.append(answer.intent.value == truth[number])
    return share(row, right)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
