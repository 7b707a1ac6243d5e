"""What of a message is new: quotes, forwarded heads and signatures set aside.

Nothing is deleted. ``new_text`` returns a text of the *same length* with blanks where
something is set aside, so that every offset found in it is an offset in the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class PartKind(Enum):
    """What a stretch of a message is."""

    NEW = "new"
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of whole lines of one kind; ``end`` is exclusive."""

    kind: PartKind
    start: int
    end: int


# "On … wrote:", the line mail programs put above a quote; it may wrap once.
_ATTRIBUTION = re.compile(
    r"[ \t]*(?:On|Am|Den|Le|El|Em|Il(?: giorno)?|Op|W dniu)\b"
    r"[^\n]{4,200}?(?:\n[^\n]{0,120}?)?"
    r"(?:wrote|schrieb[^\n]{0,120}?|a écrit|escribió|escreveu|ha scritto|schreef"
    r"|napisał|skrev)[ \t]?:[ \t]*$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"[ \t]*(?:[-_*=]{3,}[ \t]*)(?:original message|original-nachricht"
    r"|ursprüngliche nachricht|urspruengliche nachricht|forwarded message"
    r"|weitergeleitete nachricht|message d'origine|message transféré"
    r"|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada"
    r"|messaggio originale|messaggio inoltrato|oorspronkelijk bericht)\b",
    re.IGNORECASE,
)
_REPLY_LINE = re.compile(
    r"[ \t]*(?:##-?|--+)[ \t]*(?:please type your reply above|reply above this line"
    r"|bitte geben sie ihre antwort oberhalb)",
    re.IGNORECASE,
)
_HEAD_FIELD = re.compile(
    r"[ \t]*\*?(?:from|to|cc|sent|date|subject|von|an|gesendet|datum|betreff|de|à"
    r"|envoyé|objet|para|enviado(?: el)?|enviada|fecha|asunto|assunto|data|da|a"
    r"|inviato|oggetto)\*?[ \t]?:\*?[ \t]*\S",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"forward|weitergeleitet|transféré|reenviado|encaminhad|inoltrat")
_SIGNATURE_MARK = re.compile(r"[ \t]*(?:--|—|__+|\*\*+)[ \t]*$")
_SENT_FROM = re.compile(
    r"[ \t]*(?:sent from (?:my|outlook|mail)|get outlook for|von meinem .{1,40}gesendet"
    r"|gesendet (?:von|mit)|envoyé (?:de|depuis)|enviado desde|enviado (?:do|a partir)"
    r"|inviato da)\b",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"[ \t]*(?:this (?:e-?mail|message)(?: and any attachments?)? "
    r"(?:is|are|may|contains)"
    r"|diese e-?mail (?:enthält|ist)|ce (?:message|courriel) (?:est|contient)"
    r"|este (?:mensaje|correo) (?:es|contiene)|esta mensagem (?:é|contém)"
    r"|questo messaggio (?:è|contiene))",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"[ \t]*(?:(?:with )?(?:kind|best|warm|many thanks and)(?: kind)? ?"
    r"(?:regards|wishes)"
    r"|regards|sincerely|yours (?:sincerely|faithfully|truly)|cheers|all the best|best"
    r"|mit (?:freundlichen|besten|herzlichen) grüßen|mit freundlichem gruß"
    r"|(?:freundliche|viele|beste|liebe|schöne) grüße|mfg|lg|vg"
    r"|(?:bien )?cordialement|bien à vous|(?:meilleures )?salutations"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|atenciosamente"
    r"|(?:com os )?(?:melhores )?cumprimentos|cordiali saluti|distinti saluti|saluti)"
    r"[ \t]*+[,.!]?[ \t]*+$",
    re.IGNORECASE,
)
# A phone number begins with + or 0, so that no date, amount or address is one.
_CONTACT = re.compile(
    r"(?<![\w.,/-])(?:\+|\(?0)\d[\d ()-]{5,}\d(?![\w.,/-])|\S@\S+\.\S|\bwww\.\S"
    r"|^[ \t]*(?:tel|phone|mobile|mobil|fax|tél|telefon|teléfono|telefone)\b[.:]",
    re.IGNORECASE,
)
_NAME_LINE = re.compile(
    r"[ \t]*[^\W\d_a-z][^\d\n.?!:;,]{1,40}(?:, [^\d\n]{2,30})?[ \t]*$"
)
_BARE_BLOCK_LINES = 6
_BARE_BLOCK_LINE = 60
_MAX_SIGNATURE_LINES = 12
_MAX_SIGNATURE_LINE = 90


def split_mail(body: str) -> tuple[Part, ...]:
    """Return the parts of a message in order; together they cover it.

    A message that is nothing but a forwarded mail has that mail as its new part:
    otherwise there would be nothing to read.
    """
    lines = _lines(body)
    kinds = [PartKind.NEW] * len(lines)
    cut = _quote_start(body, lines)
    for index, (start, end) in enumerate(lines):
        if index >= cut or body[start:end].lstrip().startswith((">", "|>")):
            kinds[index] = PartKind.QUOTED
    sign = _signature_start(body, lines[:cut], kinds)
    for index in range(sign, cut):
        if kinds[index] is PartKind.NEW:
            kinds[index] = PartKind.SIGNATURE
    if _only_forwarded(body, lines, kinds, cut):
        kinds = _open_forwarded(body, lines, kinds, cut)
    return _merge(lines, kinds)


def new_text(body: str) -> str:
    """Return the message with everything but its new part blanked out, same length."""
    out: list[str] = []
    for part in split_mail(body):
        text = body[part.start : part.end]
        new = part.kind is PartKind.NEW
        out.append(text if new else re.sub(r"[^\n]", " ", text))
    return "".join(out)


def _lines(body: str) -> list[tuple[int, int]]:
    """Return start and end of every line, the line end included."""
    found, start = [], 0
    for line in body.splitlines(keepends=True):
        found.append((start, start + len(line)))
        start += len(line)
    return found


def _quote_start(body: str, lines: list[tuple[int, int]]) -> int:
    """Return the number of the first line of the trailing quote, or len(lines)."""
    heads = 0
    for index, (start, end) in enumerate(lines):
        line = body[start:end].rstrip("\r\n")
        if _DIVIDER.match(line) or _REPLY_LINE.match(line):
            return index
        if _HEAD_FIELD.match(line):
            heads += 1
            # Three head fields in a row are a mail's head, one may be a sentence.
            if heads == 3:
                return index - 2
        else:
            heads = 0
        if len(line) < 400 and _ATTRIBUTION.match(_with_next(body, lines, index)):
            return index
    return len(lines)


def _with_next(body: str, lines: list[tuple[int, int]], index: int) -> str:
    """Return the line, with the next one when the attribution may be wrapped."""
    start, end = lines[index]
    line = body[start:end].rstrip("\r\n")
    if line.rstrip().endswith(":") or index + 1 >= len(lines):
        return line
    following = body[lines[index + 1][0] : lines[index + 1][1]].rstrip()
    return f"{line}\n{following}" if following.endswith(":") else line


def _signature_start(
    body: str, lines: list[tuple[int, int]], kinds: list[PartKind]
) -> int:
    """Return the number of the signature's first line, or len(lines)."""
    earliest = _earliest_mark(body, lines, kinds)
    for index, (start, end) in enumerate(lines):
        if kinds[index] is not PartKind.NEW:
            continue
        line = body[start:end].rstrip("\r\n")
        if _SENT_FROM.match(line) or _DISCLAIMER.match(line):
            return index
        if index < max(1, earliest):
            continue
        marked = _SIGNATURE_MARK.match(line) or _CLOSING.match(line)
        if marked and _is_block(body, lines[index + 1 :], kinds[index + 1 :]):
            return index
    return _bare_block(body, lines, kinds)


def _earliest_mark(
    body: str, lines: list[tuple[int, int]], kinds: list[PartKind]
) -> int:
    """Return the first line that few enough others follow for a signature's mark.

    Found once: a log whose every other line is a rule would be read to its end at
    each of them.
    """
    filled = 0
    for index in range(len(lines) - 1, -1, -1):
        start, end = lines[index]
        filled += kinds[index] is PartKind.NEW and not body[start:end].isspace()
        if filled > _MAX_SIGNATURE_LINES:
            return index
    return 0


def _bare_block(body: str, lines: list[tuple[int, int]], kinds: list[PartKind]) -> int:
    """Return the first line of a last paragraph that is a name and how to reach it.

    Many people sign without a mark: name, role, company, phone number.
    """
    texts = [body[start:end].strip() for start, end in lines]
    last = len(texts)
    while last and not texts[last - 1]:
        last -= 1
    first = last
    while first and texts[first - 1] and kinds[first - 1] is PartKind.NEW:
        first -= 1
    block = texts[first:last]
    if not first or not 2 <= len(block) <= _BARE_BLOCK_LINES:
        return len(lines)
    short = all(
        len(t) <= _BARE_BLOCK_LINE and not t.endswith((".", "?", "!")) for t in block
    )
    if not short or _NAME_LINE.match(block[0]) is None:
        return len(lines)
    reached = any(_CONTACT.search(text) for text in block[1:])
    return first if reached else len(lines)


def _is_block(body: str, rest: list[tuple[int, int]], kinds: list[PartKind]) -> bool:
    """Say whether what follows is short lines only, as a signature's are."""
    texts = [
        body[s:e].strip()
        for (s, e), kind in zip(rest, kinds, strict=False)
        if kind is PartKind.NEW
    ]
    filled = [text for text in texts if text]
    return len(filled) <= _MAX_SIGNATURE_LINES and all(
        len(text) <= _MAX_SIGNATURE_LINE or _DISCLAIMER.match(text) for text in filled
    )


def _only_forwarded(
    body: str, lines: list[tuple[int, int]], kinds: list[PartKind], cut: int
) -> bool:
    if cut >= len(lines):
        return False
    own = sum(
        len(re.findall(r"\w+", body[s:e]))
        for (s, e), kind in zip(lines, kinds, strict=True)
        if kind is PartKind.NEW
    )
    head = body[lines[cut][0] : lines[cut][1]].lower()
    return own < 2 and bool(_FORWARD.search(head))


def _open_forwarded(
    body: str, lines: list[tuple[int, int]], kinds: list[PartKind], cut: int
) -> list[PartKind]:
    opened = list(kinds)
    for index in range(cut + 1, len(lines)):
        start, end = lines[index]
        line = body[start:end]
        is_quote = line.lstrip().startswith(">") or _HEAD_FIELD.match(line)
        opened[index] = PartKind.QUOTED if is_quote else PartKind.NEW
    return opened


def _merge(lines: list[tuple[int, int]], kinds: list[PartKind]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for (start, end), kind in zip(lines, kinds, strict=True):
        if parts and parts[-1].kind is kind:
            parts[-1] = Part(kind, parts[-1].start, end)
        else:
            parts.append(Part(kind, start, end))
    return tuple(parts)
