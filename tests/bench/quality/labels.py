"""Intents: by names alone, by descriptions, and with ten examples a label."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sidecar.domain.classification import Label
from sidecar.embedder.port import Embedder
from sidecar.llm.local.features import letter_features, word_features
from sidecar.llm.local.labels import LabelModel, Query
from tests.bench.quality.figures import Figure, plain, share

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


def bitext(data: Path, embedder: Embedder) -> list[Figure]:
    """Measure 27 intents without any example."""
    rows = _rows(data / "bitext_customer_support" / "train.csv")
    texts, truth = [r["text"] for r in rows], [r["intent"] for r in rows]
    queries = _queries(texts, embedder)
    names = sorted(set(truth))
    bare = [Label(n, "") for n in names]
    described = [Label(n, BITEXT_DESCRIPTIONS[n]) for n in names]
    return [
        *_scores("27 intents, names only", bare, queries, truth, embedder),
        *_scores("27 intents, descriptions", described, queries, truth, embedder),
    ]


def banking77(data: Path, embedder: Embedder) -> list[Figure]:
    """Measure 77 intents: names only, and the published ten examples a label.

    Scored on the training texts that are not among the examples.
    """
    folder = data / "banking77"
    shots = _rows(folder / "train_10shot.csv")
    known = {r["text"] for r in shots}
    rest = [r for r in _rows(folder / "train.csv") if r["text"] not in known]
    queries = _queries([r["text"] for r in rest], embedder)
    truth = [r["label"] for r in rest]
    names = sorted(set(truth))
    bare = [Label(n, "") for n in names]
    taught = [
        Label(n, "", tuple(r["text"] for r in shots if r["label"] == n)) for n in names
    ]
    return [
        *_scores("77 intents, names only", bare, queries, truth, embedder),
        *_scores("77 intents, 10 examples", taught, queries, truth, embedder),
    ]


def _scores(
    name: str,
    labels: Sequence[Label],
    queries: Sequence[Query],
    truth: Sequence[str],
    embedder: Embedder,
) -> list[Figure]:
    model = LabelModel(labels, embedder)
    odds = np.array([model.score(q).probabilities for q in queries])
    order = np.argsort(-odds, axis=1)[:, :3]
    names = [label.name for label in labels]
    best = [names[row[0]] == t for row, t in zip(order, truth, strict=True)]
    three = [t in [names[i] for i in row] for row, t in zip(order, truth, strict=True)]
    return [
        share(f"{name}: accuracy", best),
        share(f"{name}: in the top 3", three),
        plain(f"{name}: ECE, 15 bins", _ece(odds.max(1), best), len(best)),
    ]


def _ece(confidence: np.ndarray, right: Sequence[bool]) -> float:
    bins = np.minimum((confidence * 15).astype(int), 14)
    hits = np.array(right, float)
    gaps = [
        abs(confidence[bins == b].mean() - hits[bins == b].mean()) * (bins == b).mean()
        for b in range(15)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def _queries(texts: Sequence[str], embedder: Embedder) -> list[Query]:
    vectors = embedder.embed(texts).astype(np.float64)
    return [
        Query(v, word_features(t), letter_features(t))
        for v, t in zip(vectors, texts, strict=True)
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
