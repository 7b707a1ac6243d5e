"""What a reader can see of a text, and what a file may be called.

Text that a person cannot see but a model would read is the classic road for
hidden instructions, so everything that enters (documents, tickets, names) goes
through here once, at the door.
"""

from __future__ import annotations

import re
import unicodedata

MAX_FILE_NAME = 200
"""Longest file name kept, in characters."""

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): characters
# drawn as nothing, the bidi controls and the tag letters used for smuggling text.
# U+2800 and U+FFFC are not in that set but are as blank.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Controls but tab and newline; lone surrogates, which no UTF-8 writer accepts.
_CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"
_UNSEEN = re.compile(f"[{_IGNORABLE}{_CONTROL}]")
# Persian, Urdu and the Indic scripts spell with the zero-width (non-)joiner:
# between two of their letters it is part of the word.
_JOINING = "\u0600-\u074f\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff"
_UNSEEN_UNLESS_SPELLING = re.compile(
    f"(?<![{_JOINING}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINING}])"
    f"|(?![\u200c\u200d])[{_IGNORABLE}{_CONTROL}]"
)
# What emoji of several parts are joined from: pictures, arrows, skin tones; keycaps.
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_SPELLED_OR_DRAWN = (
    f"(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    f"|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_EMOJI}0-9#*])\ufe0f"
)
_UNSEEN_IN_LINE = re.compile(f"(?!{_SPELLED_OR_DRAWN})[{_IGNORABLE}{_CONTROL}]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINE_END = re.compile(r" *\n *")
_BLANK_LINES = re.compile(r"\n{3,}")

_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
# Device names of Windows, whatever the extension: learn.microsoft.com, "Naming
# Files, Paths, and Namespaces". A document downloaded there must be openable.
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)


def visible_text(text: str) -> str:
    r"""Remove what no reader sees: zero-width, bidi and control characters.

    Line ends of every system become ``\n``. A zero-width (non-)joiner stays where
    it is spelling, between two Arabic or Indic letters.
    """
    text = _LINE_END.sub("\n", text)
    if text.isascii():
        return _UNSEEN.sub("", text)
    return _UNSEEN_UNLESS_SPELLING.sub("", text)


def visible_line(text: str) -> str:
    """Remove the same from a subject or a name, which people see in lists.

    A bidi override there would turn what stands beside it; emoji of several parts
    stay whole. Tabs and line ends stay as they are.
    """
    return text if text.isascii() else _UNSEEN_IN_LINE.sub("", text)


def normalise_spaces(text: str) -> str:
    """Make runs of blanks one space and runs of empty lines one empty line."""
    text = _SPACES.sub(" ", text)
    text = _AROUND_LINE_END.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def clean_file_name(name: str) -> str:
    """Return a name that is safe to show, log, check and offer for download.

    Compatibility forms are folded (NFKC) *before* anything is judged, so that a
    full-width slash or a zero-width space cannot pass a check and change later.
    Folders, leading dots and characters that some file system refuses are
    removed; at most ``MAX_FILE_NAME`` characters, the extension kept; never empty.
    """
    # A longer name is nobody's: cut first, or NFKC of megabytes would cost.
    name = name[:5000] + name[-20:] if len(name) > 5020 else name
    name = _UNSEEN.sub("", unicodedata.normalize("NFKC", name))
    name = re.split(r"[/\\]", name)[-1]
    name = _NOT_IN_NAMES.sub("_", " ".join(name.split())).lstrip(". ").rstrip(". ")
    if _DEVICE.match(name):
        name = f"_{name}"
    found = _EXTENSION.search(name)
    extension = found.group() if found else ""
    stem = name[: len(name) - len(extension)][: MAX_FILE_NAME - len(extension)]
    return (stem + extension) or "document"
