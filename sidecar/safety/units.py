"""Units that are counted in: of time, money, weight, length, and how often."""

# ruff: noqa: E501 - a pattern broken in two is read wrong
from __future__ import annotations

import re
from collections.abc import Iterator

TIMES = "times"
# ISO 4217, without the four that have words below.
_ISO = (
    "AED|AFN|ALL|AMD|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|"
    "CAD|CDF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|FJD|FKP|GEL|GHS|GIP|GMD|GNF|GTQ|"
    "GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|"
    "LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|"
    "NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|"
    "SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|"
    "XOF|XPF|YER|ZAR|ZMW|ZWG"
)
_MONEY = {
    "CAD": r"ca?\$|(?-i:CAD)",
    "AUD": r"au?\$|(?-i:AUD)",
    "NZD": r"nz\$|(?-i:NZD)",
    "HKD": r"hk\$|(?-i:HKD)",
    "SGD": r"s\$|(?-i:SGD)",
    "MXN": r"mx\$|(?-i:MXN)",
    "BRL": r"r\$|reais|(?-i:BRL)",
    "EUR": r"€|eur|euros?",
    "USD": r"(?:us)?\$|usd|us-dollars?|dollars?|d[óo]lares|dollari",
    "GBP": r"£|gbp|pounds?(?: sterling)?|pfund",
    "CHF": r"chf|franken|francs?",
    "JPY": r"¥|yen|(?-i:JPY)",
    "PLN": r"zł|złoty\w*|zloty\w*|(?-i:PLN)",
    "CZK": r"kč|(?-i:CZK)",
    "INR": r"₹|rupees?|rupien|(?-i:INR)",
    "RUB": r"₽|rubles?|rubel|(?-i:RUB)",
    "krona": r"kr|kronen?|kroner|kronor|kronas?|couronnes?|coronas?",
    "money": rf"[\u20a0-\u20bf¢฿]|(?-i:{_ISO})",
}
_UNITS = {
    "second": r"seconds?|secs?|sekunden?|secondes?|segundos?|second[oi]",
    "minute": r"minutes?|mins?|minuten?|minutos?|minut[oi]",
    "hour": r"hours?|hrs?|stunden?|heures?|horas?|or[ae]",
    "workday": r"werktage?n?|arbeitstage?n?|(?:business|working)[- ]days?|weekdays?|jours? ouvr\w+|d[ií]as? (?:h[áa]bil(?:es)?|laborables?)|"
    r"dias? út(?:il|eis)|giorn[oi] (?:lavorativ|ferial)[oei]",
    "day": r"days?|tage?n?|jours?|d[ií]as?|giorn[oi]",
    "week": r"weeks?|wochen?|semaines?|semanas?|settiman[ae]",
    "month": r"months?|monate?n?|mois|mes(?:es)?|m[eê]s(?:es)?|mes[ei]",
    "year": r"years?|jahre?n?|ans?|ann[ée]es?|años?|anos?|ann[oi]",
    "percent": r"%|per ?cent|prozent|pour ?cent|por ?cien(?:to)?|por ?cento|per ?cento",
    "byte": r"[kmgt]i?b|bytes?|megabytes?|gigabytes?",
    TIMES: r"times|mal|fois|veces|vez|vezes|volt[ae]",
    "gram": r"(?-i:g)|grams?|gramm|grammes?|gramos?|gramas?|grammi",
    "kg": r"kg|kilos?|kilograms?|kilogramm|kilogrammes?|kilogramos?|quilos?|quilogramas?|chilogramm[oi]",
    "tonne": r"tonnes?|tons?|tonnen|toneladas?|tonnellat[ae]",
    "km": r"km|kilomet(?:er|re)s?|kilometern|kilomètres?|kilómetros?|quil[óô]metros?|chilometr[oi]",
    "metre": r"(?-i:m)|met(?:er|re)s?|metern|mètres?|metros?|metr[oi]",
    "cm": r"cm|centimet(?:er|re)s?|zentimetern?|centimètres?|centímetros?|centimetr[oi]",
    "mm": r"mm|millimet(?:er|re)s?|millimetern?|millimètres?|milímetros?|millimetr[oi]",
    "mile": r"miles?|meilen?|millas?|milhas?|miglia",
    "inch": r"inch(?:es)?|zoll|pouces?|pulgadas?|polegadas?|pollic[ei]",
    "foot": r"ft|feet|foot|fuß",
    "litre": r"(?-i:[lL])|lit(?:er|re)s?|litern|litros?|litr[oi]",
    "celsius": r"(?:°|degrees?|grad|degrés?|grados?|graus?|grad[oi])\s?c(?:elsius)?|celsius",
    "fahrenheit": r"(?:°|degrees?|grad|degrés?|grados?|graus?|grad[oi])\s?f(?:ahrenheit)?|fahrenheit",
    "volt": r"(?-i:V)|volts?|voltios?",
    "ampere": r"(?-i:A)|amps?|amperes?|ampères?|amperios?",
    "watt": r"(?-i:W)|watts?|vatios?",
    "exact": r"mg|lbs?|oz|ml|kw|kwh|wh|m?ah|[kmg]?hz|px|pixels?|dpi|psi|db|[kmg]bit/s|[kmg]bps",
    **_MONEY,
}
# Told apart by how they are written.
_AS_WRITTEN = frozenset({"byte", "exact", "money"})
_UNIT_OF = re.compile(
    "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items()),
    re.IGNORECASE,
)
UNIT = "(?:" + "|".join(_UNITS.values()) + ")"
"""Pattern of a unit behind its number."""
_SIGNS = r"(?:ca?|au?|nz|hk|s|mx|r|us)?\$|[€£¥₹₽]|zł|kr"
BEFORE = rf"(?:{_SIGNS}|\b(?:EUR|USD|GBP|CHF)|[\u20a0-\u20bf¢฿]|(?-i:{_ISO}))"
"""Pattern of a currency in front of its number."""
_A_PERIOD = (
    r"(?:an?|per|every|each|daily|weekly|pro|im|am|je|jährlich|monatlich|wöchentlich|täglich|par|al|por|a|ao|à|alla?|ogni|cada)"
)  # fmt: skip
_OFTEN = {
    "1": rf"(?:once|einmal|une fois|una vez|uma vez|una volta|one time)(?= {_A_PERIOD}\b)",
    "2": r"twice|zweimal|deux fois|dos veces|duas vezes|due volte|two times",
    "3": r"thrice|dreimal|trois fois|tres veces|três vezes|tre volte|three times",
}
_HOW_OFTEN = {
    value: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for value, words in _OFTEN.items()
}


def unit_of(text: str) -> str:
    """Return the one name of a unit that ``UNIT`` found, however it is written."""
    match = _UNIT_OF.fullmatch(text)
    name = (match.lastgroup if match else None) or text.lower()
    return text.lower() if name in _AS_WRITTEN else name


def often(text: str) -> Iterator[str]:
    """Yield how many times something happens, told without a number in digits."""
    for value, pattern in _HOW_OFTEN.items():
        if pattern.search(text):
            yield value
