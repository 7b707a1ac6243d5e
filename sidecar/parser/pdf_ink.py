"""Blanks out text of a PDF page that is drawn so that nobody sees it.

A small part of the graphics state of ISO 32000-1 (8.4 and 9.3) is followed: fill
colour, text size and render mode, and the boxes painted so far, because white
letters on a dark box are a table's header and not a trick.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf.generic import ArrayObject, TextStringObject

Matrix = list[float]

_SMALLEST_POINTS = 1.5
_MAX_BOXES = 2_000
_NOT_DRAWN = 3
"""Text render mode "neither fill nor stroke"; scanners lay recognised text so."""
_FILLS = frozenset((b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"))
_ENDS_PATH = _FILLS | {b"S", b"s", b"n"}
_SHOWS = frozenset((b"Tj", b"TJ", b"'", b'"'))
_DEVICE = frozenset(("/DeviceGray", "/DeviceRGB", "/DeviceCMYK"))


@dataclass(frozen=True, slots=True)
class _Pen:
    white: bool = False
    size: float = 12.0
    mode: int = 0
    device: bool = True


@dataclass(slots=True)
class Ink:
    """Follows one page's drawing; ``before`` and ``after`` are pypdf's visitors.

    ``has_images`` says that the page shows pictures: what lies on one is taken for
    seen, as is text that a scanner laid invisibly over its picture.
    """

    has_images: bool
    found_hidden: bool = False
    _pen: _Pen = field(default_factory=_Pen)
    _saved: list[_Pen] = field(default_factory=list)
    _forms: list[_Pen] = field(default_factory=list)
    _path: list[tuple[float, float]] = field(default_factory=list)
    _boxes: list[tuple[float, float, float, float, bool]] = field(default_factory=list)

    def before(self, operator: bytes, operands: Any, cm: Matrix, tm: Matrix) -> None:
        """Follow the operator; empty its text operand when nobody would see it."""
        numbers = [float(x) for x in operands if isinstance(x, (int, float))]
        if operator in _SHOWS:
            if self._unseen(cm, tm) and operands:
                self._blank(operator, operands)
        elif operator == b"q":
            self._saved.append(self._pen)
        elif operator == b"Q":
            self._pen = self._saved.pop() if self._saved else _Pen()
        elif operator == b"Do":
            self._forms.append(self._pen)
            if self.has_images:
                self._path = [_at(cm, 0, 0), _at(cm, 1, 1)]
                self._paint(white=False)
        elif operator in (b"Tf", b"Tr") and numbers:
            if operator == b"Tf":
                self._pen = replace(self._pen, size=numbers[-1])
            else:
                self._pen = replace(self._pen, mode=int(numbers[-1]))
        else:
            self._colour(operator, operands, numbers)
            self._draw(operator, numbers, cm)

    def after(self, operator: bytes, *_state: Any) -> None:
        """A form leaves the page's state as it was."""
        if operator == b"Do" and self._forms:
            self._pen = self._forms.pop()

    def _colour(self, operator: bytes, operands: Any, numbers: list[float]) -> None:
        if operator == b"cs" and operands:
            # One component of a spot colour is ink (1 is dark), of grey it is light.
            device = str(operands[0]) in _DEVICE
            self._pen = replace(self._pen, white=False, device=device)
        elif operator in (b"g", b"rg", b"k"):
            self._pen = replace(self._pen, white=_is_white(numbers))
        elif operator in (b"sc", b"scn"):
            known = self._pen.device or len(numbers) == 3
            self._pen = replace(self._pen, white=known and _is_white(numbers))

    def _draw(self, operator: bytes, numbers: list[float], cm: Matrix) -> None:
        if operator == b"re" and len(numbers) == 4:
            x, y, width, height = numbers
            self._path += [_at(cm, x, y), _at(cm, x + width, y + height)]
        elif operator in (b"m", b"l", b"c", b"v", b"y"):
            pairs = zip(numbers[::2], numbers[1::2], strict=False)
            self._path += [_at(cm, x, y) for x, y in pairs]
        elif operator in _ENDS_PATH:
            if operator in _FILLS:
                self._paint(self._pen.white)
            self._path = []

    def _paint(self, white: bool) -> None:
        if self._path and len(self._boxes) < _MAX_BOXES:
            xs, ys = zip(*self._path, strict=True)
            self._boxes.append((min(xs), min(ys), max(xs), max(ys), white))
        self._path = []

    def _unseen(self, cm: Matrix, tm: Matrix) -> bool:
        scale = math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
        if abs(self._pen.size) * scale < _SMALLEST_POINTS:
            return True
        if self._pen.mode == _NOT_DRAWN:
            return not self.has_images
        return self._pen.white and self._on_white(_at(cm, tm[4], tm[5]))

    def _on_white(self, point: tuple[float, float]) -> bool:
        x, y = point
        for left, low, right, high, white in reversed(self._boxes):
            if left <= x <= right and low <= y <= high:
                return white
        return True

    def _blank(self, operator: bytes, operands: Any) -> None:
        place = 2 if operator == b'"' and len(operands) > 2 else 0
        shown = operands[place]
        pieces = shown if isinstance(shown, ArrayObject) else [shown]
        if any(isinstance(one, (str, bytes)) and one.strip() for one in pieces):
            self.found_hidden = True
        operands[place] = ArrayObject() if operator == b"TJ" else TextStringObject("")


def _at(cm: Matrix, x: float, y: float) -> tuple[float, float]:
    return cm[0] * x + cm[2] * y + cm[4], cm[1] * x + cm[3] * y + cm[5]


def _is_white(parts: list[float]) -> bool:
    if len(parts) == 4:
        return all(part <= 0.02 for part in parts)
    return len(parts) in (1, 3) and all(part >= 0.98 for part in parts)
