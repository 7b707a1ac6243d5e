"""People, organisations and places, told by lists and by what stands around them.

Rules, no model: good for hiding in previews and from providers, where one name too
many costs little. What they find is no proof that something leaked.
"""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator

from sidecar.safety.gazetteer import family_names, given_names, places

Found = tuple[int, int, str]

_UP = r"[^\W\d_a-zß-öø-ÿ]"
# Possessive, as every part of a name can end in one place only: given back letter by
# letter, "Ab-Ab-Ab-" takes 2^n steps.
_FIRST = rf"{_UP}[\w'’]*+"
_NAME = rf"(?:{_FIRST}(?:-[\w'’]++)*+)"
_LINK = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|la|le|zu|bin|al|el|ter|af)[ ])"
_RUN = re.compile(rf"(?<![\w@/&.'’-]){_NAME}(?:[ ]{_LINK}{{0,2}}(?:{_UP}\.(?=[ ])|{_NAME})){{0,5}}")  # fmt: skip
_TITLE = re.compile(
    r"(?<!\w)(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|herrn?|frau|monsieur|madame|mme|mlle|"
    r"se[ñn]or(?:a|ita)?|sr|sra|don|do[ñn]a|senhora?|signora?|sig|sig\.ra|dott|dottoressa|mevrouw|meneer|pan|pani)\.?[ ]$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:\b(?:name(?:'s| is| to|:)?|named|called|i am|i'm|this is|it's under|under|dear|hi|hello|hey|contact|ask for|speak (?:to|with)|"
    r"talk to|said|says|by|with|for|regards|thanks|cheers|best|sincerely|signed|partner's name|maiden name is|starring|"
    r"ich bin|mein name ist|ich heiße|liebe[rs]?|hallo|gru(?:ß|ss)|grüße|gr[üu]ße|sehr geehrter? (?:herr|frau)|"
    r"je suis|je m'appelle|mon nom est|bonjour|cordialement|soy|me llamo|mi nombre es|hola|saludos|atentamente|"
    r"sou o|sou a|meu nome é|chamo-me|ol[áa]|obrigad[oa]|sono|mi chiamo|ciao|grazie|cordiali saluti|is|are|why is|follow up with)"
    r"|[\"”!?],?)[,:]?\s{0,3}$",
    re.IGNORECASE,
)
# After these a name stands whoever it is; after the others only one of the lists.
_SURELY = re.compile(
    r"\b(?:name(?:'s| is| to|:)|last name\?|your name\?|i'm|i am|this is|it's under|mein name ist|ich heiße|je m'appelle|me llamo|mi nombre es|mi chiamo|"
    r"chamo-me|meu nome é|maiden name is|it to|dear|regards,|starring|directed by|sung by)\s{0,8}$",
    re.IGNORECASE,
)
_ORG_TAIL = re.compile(
    r"(?:^|[ ])(?:ltd|inc|llc|llp|plc|corp|corporation|company|co|gmbh|ag|kg|sarl|sa|srl|spa|bv|nv|oy|ab|as|aps|group|holdings?|"
    r"industries|technologies|partners|associates|investments|insurance|insights|solutions|systems|consulting|ventures|"
    r"foundation|university|institute|labs?|bioscience|analytics|care|enterprises|orchestra)\.?$",
    re.IGNORECASE,
)
_TWO = rf"{_FIRST}(?:-(?!{_UP})[\w'’]++)*+-{_NAME}"
# Not from within a name, or each of its parts would be read to its end once more.
_START = r"(?:(?<![\w'’-])|(?<=[^\w'’-]['’-])|(?<=\A['’-]))"
_FIRM = re.compile(rf"{_START}(?:{_NAME}, {_NAME} and {_NAME}|{_TWO}(?=[ ](?:invested|is an?|has|was)))")  # fmt: skip
_AT_ORG = re.compile(r"\b(?:work(?:s|ed)? (?:for|at)|employed by|on behalf of|recorded for|meet \w+ at|address of)[ ]$", re.IGNORECASE)  # fmt: skip
_IS_ORG = re.compile(r"[ ](?:is an? (?:\w+ )?(?:multinational|company|agency|design agency|firm|bank|startup)|songwriter|resignation|invested|Orchestra)\b")  # fmt: skip
_LIVES = re.compile(
    r"\b(?:live[sd]? in|living in|grew up in|born in|based in|travel(?:l?ing)? to|trip to|flew to|fly to|originally from|i am from|"
    r"i'm from|come from|moved? to|home city|where:|town of|city of|wohne in|komme aus|habite (?:à|en)|vivo (?:en|a|in)|soy de|moro em|abito a|southern|"
    r"northern|eastern|western|i am in|to the|that|in)[ ]{1,2}$",
    re.IGNORECASE,
)
_NOT_NAMES = frozenset(
    """
    i a the an my your our his her its this that these those it he she we you they and or but not no yes if in on at to of
    for from by with as is are was were be been do does did can could would will shall should may might must have has had
    hi hello hey dear please thanks thank sorry regards best kind cheers when where what who why how which there here also
    since so then than after before because while until during excuse mr mrs ms dr prof herr frau sir madam today tomorrow
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december am pm ok okay re fw fwd subject message from to cc date sent name address phone mobile email
    e-mail fax tel website office desk personal info zip ssn atm pin sms iban bic usd eur gbp faq vpn url api sso csv pdf
    windows mac macos ios android linux chrome firefox safari edge outlook teams excel word office365 microsoft google apple
    amazon paypal visa mastercard whatsapp facebook slack zoom zendesk salesforce jira github wifi usb http https error
    in english german french spanish italian portuguese dutch just let now one two three only even maybe could any all
    apt suite street road avenue c'mon i'm i've i'd i'll don't can't it's that's what's here's they're we're you're let's
    der die das ich wir sie und oder aber bitte danke hallo guten mein meine le la les je nous vous bonjour merci el los
    las una un yo hola gracias por favor il lo ciao grazie o os as ola obrigado mit freundlichen seit kein keine wie wann
    southern northern eastern western north south east west capitalized bot user version order invoice account card credit bank god someone everyone nobody mom dad mother father
    """.split()  # noqa: SIM905 - a list of words is read as words
)


def find_people(text: str) -> Iterator[Found]:
    """Yield spans of people, organisations and places with their kind."""
    for match in _FIRM.finditer(text):
        yield match.start(), match.end(), "ORG"
    for match in _RUN.finditer(text):
        found = _judged(text, match)
        if found is not None:
            yield found
    yield from _lower_names(text)


def _judged(text: str, match: re.Match[str]) -> Found | None:
    start, words = _trimmed(match)
    if not words:
        return None
    end = start + len(" ".join(words))
    run = text[start:end]
    before = text[max(0, start - 28) : start]
    if run.isupper() and len(words) > 2:
        return None  # somebody shouts
    if len(words) > 1 and _ORG_TAIL.search(run):
        return start, end, "ORG"
    if run.casefold() in places():
        return start, end, "PLACE"
    if _TITLE.search(before):
        return start, end, "PERSON"
    if _AT_ORG.search(before) or _IS_ORG.match(text, end):
        return start, end, "ORG"
    place = _name_at(words, _NAMED.search(before) is not None)
    if place >= 0:
        # "Producer James Sparks": what stands before the given name is no name.
        return start + sum(len(w) + 1 for w in words[:place]), end, "PERSON"
    if _SURELY.search(before) and not run.isupper():
        return start, end, "PERSON"
    if _LIVES.search(before) and _odd(run):
        return start, end, "PLACE"
    return None


def _trimmed(match: re.Match[str]) -> tuple[int, list[str]]:
    words = match.group().split(" ")
    start = match.start()
    while words and _bare(words[0]) in _NOT_NAMES:
        start += len(words[0]) + 1
        words = words[1:]
    while words and _bare(words[-1]) in _NOT_NAMES:
        words = words[:-1]
    if words and words[-1].endswith(("'s", "’s")):
        words = [*words[:-1], words[-1][:-2]]
    return start, words


def _bare(word: str) -> str:
    return word.lower().replace("’", "'").rstrip(".")


def _name_at(words: list[str], introduced: bool) -> int:
    """Return at which word a person's name begins, -1 where there is none."""
    lowered = [w.lower() for w in words]
    given, family = given_names(), family_names()
    place = next((i for i, w in enumerate(lowered) if w in given), -1)
    if place == 0 or (place > 0 and place + 1 < len(words)):
        return place
    known = sum(w in given or w in family for w in lowered)
    return 0 if known >= 2 or (known == 1 and (introduced or len(words) == 2)) else -1


def _odd(run: str) -> bool:
    # A word in capitals alone is shouting or an abbreviation unless it is long.
    return len(run) > 3 and not (run.isupper() and len(run) < 5)


_LOWER = re.compile(r"(?<![\w@/.'’-])[^\W\d_]{3,20}[ ][^\W\d_]{3,20}(?![\w@'’-])")


def _lower_names(text: str) -> Iterator[Found]:
    """Yield full names typed without capitals: both parts must be of the lists."""
    if text != text.lower():
        return
    at = 0
    while match := _LOWER.search(text, at):
        first, second = match.group().split(" ")
        if first in given_names() and second in family_names():
            yield match.start(), match.end(), "PERSON"
            at = match.end()
        else:
            at = match.start() + len(first)


_AGE = re.compile(
    r"(?:\b(?:age(?:d)?(?: of)?|turned|alter von|âgée? de|edad de|i'm|i am) )(\d{1,3})(?= ?(?:years?|y/o|yo\b|jahre|ans|años|[.,!?]|$))"
    r"|(?<!\w)(\d{1,3})(?=(?: |-)years?(?: |-)old\b| y/o\b| jahre alt\b)",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"(?:\b(?:born(?: on)?|birth(?:day|date)?(?: is)?|dob|geboren(?: am)?|geburtsdatum|née? le|nacid[oa] el|nat[oa] il|nascid[oa] em)[:]? {0,2})"
    r"(\d{1,4}[./-]\d{1,2}[./-]\d{1,4})",
    re.IGNORECASE,
)
_STAMP = re.compile(r"(?<![\w-])(?:19|20)\d\d-\d\d-\d\d \d\d:\d\d:\d\d(?!\w)")
_POSTCODE = re.compile(
    r"\b(?:zip|zip code is|zip code|postal code|postcode|plz|code postal|c[óo]digo postal|cap)[: ]{1,3}(?:is )?(\d{3,5}(?:[ -]\d{2,4})?(?: [A-Z]{2})?)(?!\w)",
    re.IGNORECASE,
)
_LICENCE = re.compile(
    r"\b(?:driver'?s?'? licen[cs]e|driving licen[cs]e|f[üu]hrerschein\w*|permis de conduire|passport|reisepass\w*|passeport|pasaporte)(?: (?:number|no\.?|nummer))?(?: is|:| ist)? ([A-Z0-9][A-Z0-9-]{5,16})(?!\w)",
    re.IGNORECASE,
)


def find_circumstances(text: str) -> Iterator[Found]:
    """Yield ages, dates of birth, postcodes that are called so, and licence numbers."""
    for pattern, kind in ((_AGE, "AGE"), (_BORN, "DATE"), (_POSTCODE, "ADDRESS")):
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            yield *match.span(group), kind
    for match in _LICENCE.finditer(text):
        if any(c.isdigit() for c in match[1]):
            yield *match.span(1), "ID"
