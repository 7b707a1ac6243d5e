"""Front matter: the ``key: value`` lines with which a Markdown article begins."""

from __future__ import annotations

import re

_FENCE = re.compile(
    r"\ufeff?---[ \t]*\n(?P<head>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_PAIR = re.compile(r"(?P<key>[A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(?P<value>.*))?\Z")
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>.+)\Z")


def front_matter(text: str) -> tuple[dict[str, str | list[str]], str]:
    """Split an article into its metadata and its body.

    The understood part of YAML is small on purpose: ``key: value``, ``key: [a, b]``
    and a key followed by ``- item`` lines; ``#`` lines are comments. Text that does
    not begin with such a head, or whose head holds anything else, is all body: a
    horizontal rule at the top of an article must not swallow its first section.
    Keys are lower case.
    """
    text = text.replace("\r\n", "\n")
    found = _FENCE.match(text)
    if not found:
        return {}, text
    fields: dict[str, str | list[str]] = {}
    key = ""
    for line in found["head"].split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if pair := _PAIR.match(line):
            key = pair["key"].lower()
            fields[key] = _value((pair["value"] or "").strip())
        elif (item := _ITEM.match(line)) and fields.get(key) in ("", []):
            fields[key] = [_unquoted(item["value"].strip())]
        elif item and isinstance(values := fields.get(key), list):
            values.append(_unquoted(item["value"].strip()))
        else:
            return {}, text
    return fields, text[found.end() :]


def _value(text: str) -> str | list[str]:
    if text.startswith("[") and text.endswith("]"):
        parts = (part.strip() for part in text[1:-1].split(","))
        return [_unquoted(part) for part in parts if part]
    return _unquoted(text)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
