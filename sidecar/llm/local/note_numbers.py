"""Spoken English numbers in digits: "twenty six" is 26, "two thousand nine" 2009."""

from __future__ import annotations

import re

_ONES = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        start=2,
    )
}
_POWERS = {"hundred": 100, "thousand": 1000}
_WORD = "|".join((*_ONES, *_TENS, *_POWERS))
_RUN = re.compile(rf"\b(?:{_WORD})(?:[ -](?:{_WORD}))*\b", re.IGNORECASE)


def in_digits(text: str) -> str:
    """Return the text with runs of number words in digits; a lone "one" stays."""
    return _RUN.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    words = re.split(r"[ -]", match.group().lower())
    if words in (["one"], ["zero"]) or words[0] in _POWERS:
        return match.group()
    numbers: list[int] = []
    before = ""
    for word in words:
        value = _ONES.get(word, _TENS.get(word, 0))
        if word in _POWERS:
            numbers[-1] *= _POWERS[word]
        elif before in _POWERS or (before in _TENS and 0 < value < 10):
            numbers[-1] += value
        else:
            numbers.append(value)
        before = word
    return " ".join(map(str, numbers))
