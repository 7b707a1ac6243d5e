"""Numbers in words, with their thousands and millions, in six languages."""

# ruff: noqa: E501 - a table broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_WORDS = {
    word: value
    for value, words in {
        2: "two zwei zwo deux dos dois duas due",
        3: "three drei trois tres três tre",
        4: "four vier quatre cuatro quatro quattro",
        5: "five fünf cinq cinco cinque",
        6: "six sechs seis sei",
        7: "seven sieben sept siete sete sette",
        8: "eight acht huit ocho oito otto",
        9: "nine neun nueve nove",
        10: "ten zehn dix diez dez dieci",
        11: "eleven elf onze once undici",
        12: "twelve zwölf douze doce doze dodici",
        13: "thirteen dreizehn treize trece treze tredici",
        14: "fourteen vierzehn quatorze catorce quattordici catorze",
        15: "fifteen fünfzehn quinze quince quindici",
        16: "sixteen sechzehn seize dieciséis dezesseis dezasseis sedici",
        17: "seventeen siebzehn diecisiete dezessete dezassete diciassette",
        18: "eighteen achtzehn dieciocho dezoito diciotto",
        19: "nineteen neunzehn diecinueve dezenove dezanove diciannove",
        20: "twenty zwanzig vingt veinte vinte venti",
        24: "vierundzwanzig ventiquattro veinticuatro",
        25: "fünfundzwanzig venticinque veinticinco",
        30: "thirty dreißig dreissig trente treinta trinta trenta",
        40: "forty vierzig quarante cuarenta quarenta quaranta",
        48: "achtundvierzig quarantotto",
        50: "fifty fünfzig cinquante cincuenta cinquenta cinquanta",
        60: "sixty sechzig soixante sesenta sessenta sessanta",
        70: "seventy siebzig setenta settanta",
        72: "zweiundsiebzig settantadue",
        80: "eighty achtzig ochenta oitenta ottanta",
        90: "ninety neunzig noventa novanta",
        100: "hundred hundert einhundert cent cien ciento cem cento",
        1_000: "thousand tausend eintausend mille mil",
        1_000_000: "million",
    }.items()
    for word in words.split()
}
_SCALES = {
    word: value
    for value, words in {
        1_000: "k thousand tausend mille mil mila",
        1_000_000: "m mio mn million millions millionen millón millones milhão milhões milione milioni",
        1_000_000_000: "bn mrd billion billions milliarde milliarden milliard milliards miliardo miliardi",
    }.items()
    for word in words.split()
}
_SCALE = "|".join(sorted((word for word in _SCALES if len(word) > 1), key=len)[::-1])
# "M" alone is a metre unless it is written large and close.
_SCALED = re.compile(
    rf"(?<![\w.,:-])(?P<number>\d+(?:[.,]\d+)?)(?:\s?(?P<word>(?i:{_SCALE})|[kK])(?![\w/])|(?P<close>M)(?!\w))"
)
_HUNDREDS = r"(?:hundred|hundert|thousand|tausend|mille|mil|mila|million(?:s|en)?|mill[oó]n(?:es)?|milh(?:ão|ões)|milion[ei])"
_SPELLED = re.compile(
    rf"\b(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))}|an?(?= (?:hundred|thousand|million)\b)|eine?(?= (?:hundert|tausend|million)\b)|une?(?= (?:million|millón|milione)\b))\b"
    rf"(?:(?:[- ]|\s(?:y|e|et)\s)(?P<unit>{'|'.join(w for w, v in _WORDS.items() if v < 10)})\b)?(?:\s(?P<scale>{_HUNDREDS})\b)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"\b(?:per|pour|por|percent)\s?(?:cent|cento|cien|ciento)\b", re.IGNORECASE
)
# Words that are a number in one language and something else in another.
_ONLY_IN = {"dos": "es", "once": "es", "due": "it", "sei": "it", "sept": "fr", "cent": "fr", "four": "en", "elf": "de"}  # fmt: skip
_TELLTALES = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of to and is are you your can for in with be a it this on or one up at",
        "de": "der die das und zu ist sind sie mit für ein eine bis pro im auf den",
        "fr": "le les des du une pour avec vous votre est et sur dans peut jusqu jusqu'à pouvez",
        "es": "el los las del una con hasta puede su y cada por en se es tiene",
        "pt": "o os as da do das em uma até pode não você ao seu cada por é e tem",
        "it": "il lo gli della del dei di che per con può una fino ogni nel sono è ha",
    }.items()
}
_ONE_OF_MANY = re.compile(
    r"\b(?:only|just|exactly|up to|at most|at least|more than|fewer than|less than|(?:maximum|minimum) of|"
    r"nur|bis zu|höchstens|mindestens|maximal|genau|mehr als|weniger als|"
    r"seulement|jusqu['’]à|au plus|au moins|plus|moins|s[oó]lo|solamente|hasta|como máximo|al menos|más de|menos de|"
    r"apenas|somente|até|no máximo|pelo menos|mais de|soltanto|fino a|al massimo|almeno|più di|meno di)"
    r"\s(?:d['’])?(?:one|ein(?:e[mnrs]?|zige[mnrs]?)?|une?|uno|una|uma?)\b(?! (?:of|another)\b)",
    re.IGNORECASE,
)
# "One account" is a count, "the one that", "one of them" and "one by one" are none.
_ONE = re.compile(
    r"(?<!\bthe )(?<!\bthis )(?<!\bthat )(?<!\beach )(?<!\bevery )(?<!\bwhich )(?<!\bno )(?<!\bany )(?<!\bnew )\bone "
    r"(?!(?:of|another|by|more|or|that|who|which|is|can|must|should|will|you|from|with|and|at|on|in|to|for|time|day|if)\b)[a-z]{3,}",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"\b(?:an?|one|single|1)\b", re.IGNORECASE)


def in_full(text: str) -> str:
    """Write "5k", "5 Mio" and "1.5 million" as the number that is meant."""

    def written(match: re.Match[str]) -> str:
        word = (match["word"] or match["close"]).casefold()
        value = Decimal(match["number"].replace(",", ".")) * _SCALES[word]
        return f"{value:f}".removesuffix(".0") + " " * (not match.group()[-1].isalpha())

    # Twice: "5 mil millones".
    return _SCALED.sub(written, _SCALED.sub(written, text))


def in_digits(text: str) -> str:
    """Write numbers in words, 2 and above, in digits."""
    text = _PERCENT.sub("%", text)
    language = _language(text)

    def written(match: re.Match[str]) -> str:
        read = " ".join(_values(match, language))
        return read or match.group()

    return _SPELLED.sub(written, text)


def spelled(text: str) -> Iterator[str]:
    """Yield the numbers in words, 2 and above, and 1 where it is counted with."""
    text = _PERCENT.sub("%", text)
    language = _language(text)
    for match in _SPELLED.finditer(text):
        yield from _values(match, language)
    if _ONE_OF_MANY.search(text):
        yield "1"


def _values(match: re.Match[str], language: str) -> Iterator[str]:
    word, unit = match["word"].casefold(), (match["unit"] or "").casefold()
    if _ONLY_IN.get(word, language) != language:
        return
    value = _WORDS.get(word, 1)
    if unit and value in range(20, 100, 10):
        value += _WORDS[unit]
    elif unit:
        # "Two y three": two numbers that happen to stand together.
        yield str(value)
        value = _WORDS[unit]
    scale = (match["scale"] or "").casefold()
    yield str(value * (_WORDS.get(scale) or _SCALES.get(scale, 1)))


def says_one(text: str) -> bool:
    """Say whether English counts one of something."""
    return bool(_ONE.search(text))


def may_be_one(text: str) -> bool:
    """Say whether English speaks of a single thing, be it only by its article."""
    return bool(_SINGLE.search(text))


def _language(text: str) -> str:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    votes = {name: sum(w in some for w in words) for name, some in _TELLTALES.items()}
    return max(votes, key=lambda name: votes[name])
