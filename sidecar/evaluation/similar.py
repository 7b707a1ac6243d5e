"""Similar tickets: whether those found are of the same intent."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from statistics import fmean

from sidecar.domain.ticket import Author, AuthorRole, Message, Ticket
from sidecar.evaluation.desk import Desk
from sidecar.evaluation.figures import Figure, mean
from sidecar.evaluation.measures import Say
from sidecar.usecases.find_similar import find_similar
from sidecar.usecases.index_tickets import index_changed_tickets
from sidecar.usecases.ports import Target, unsaved
from sidecar.usecases.tickets import upsert_ticket

_ASKED = 1500
_BATCH = 500
_DEPTH = 5


def similar_tickets(data: Path, desk: Desk, say: Say) -> list[Figure]:
    """Measure precision@5 for tickets drawn from all; each is left out of its own."""
    path = data / "banking77" / "train.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    caller = desk.fresh("similar-tickets")
    label_of: dict[str, str] = {}
    for number, row in enumerate(rows):
        turn = Message("1", Author(AuthorRole.CUSTOMER), row["text"])
        ticket = Ticket(str(number), "evaluation", messages=(turn,))
        stored = upsert_ticket(desk.ports, caller, ticket, unsaved).ticket
        label_of[stored.id] = row["label"]
    say(f"{len(rows)} tickets stored")
    while index_changed_tickets(desk.ports, _BATCH):
        pass
    say("all findable")
    asked = random.Random(7).sample(sorted(label_of), _ASKED)  # noqa: S311 - a sample
    shares = []
    for ticket_id in asked:
        target = Target(ticket_id=ticket_id)
        found = find_similar(desk.ports, caller, target, "", _DEPTH)
        same = [label_of[one.ticket_id] == label_of[ticket_id] for one in found]
        shares.append(fmean([*same, *[False] * (_DEPTH - len(same))]))
    note = f"{len(rows)} tickets"
    return [mean("similar-tickets", shares, f"precision@{_DEPTH}", note)]
