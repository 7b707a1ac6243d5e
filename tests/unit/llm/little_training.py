"""A little helpdesk's labelled texts, made by hand: eight labels, eight texts each."""

from __future__ import annotations

from itertools import product

from sidecar.domain.training import LabelledText

_MATTERS = {
    "parcel_late": ("my parcel", ["has not arrived", "is late", "is still on its way"]),
    "refund": ("my money", ["should come back", "was not refunded", "is to be repaid"]),
    "password": ("my password", ["is forgotten", "does not work", "needs a reset"]),
    "printer": ("the printer", ["jams all day", "prints blank pages", "is offline"]),
    "invoice": (
        "the invoice",
        ["has a wrong VAT number", "is missing", "is unreadable"],
    ),
    "cancel": ("the subscription", ["must end", "is to be cancelled", "should stop"]),
    "address": ("our address", ["has changed", "is wrong on file", "needs an update"]),
    "opening": ("your shop", ["opens when", "is closed on Sunday?", "has which hours"]),
}
_FRAMES = ("Hello, {0} {1}.", "{0} {1}, please help me", "I write because {0} {1}")


def labelled() -> tuple[LabelledText, ...]:
    """Return nine texts of every label."""
    return tuple(
        LabelledText(frame.format(what, said), (label,))
        for label, (what, endings) in _MATTERS.items()
        for frame, said in product(_FRAMES, endings)
    )
