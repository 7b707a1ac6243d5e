"""Redaction: what is personal goes, what is not stays, and everything comes back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.safety.plain_view import plain_view
from sidecar.safety.port import PLACEHOLDER
from sidecar.safety.redact import redact, restore

FOUND = [
    ("EMAIL", "jo.doe+x@example.co.uk", "write to {} please"),
    ("EMAIL", "jo [at] example [dot] com", "mail: {}"),
    ("EMAIL", "jo(at)example.com", "mail {} now"),
    ("EMAIL", "j\u200bo@exam\u200bple.com", "at {}"),
    ("EMAIL", "ｊｏ＠example.com", "{} ist meine Adresse"),
    ("EMAIL", "o'brien@example.org", "from {}."),
    ("PHONE", "+49 171 1234567", "Rückruf unter {} bitte"),
    ("PHONE", "0171 / 123 45 67", "{} ab 9 Uhr"),
    ("PHONE", "030 901820", "Tel: {}"),
    ("PHONE", "020 7946 0112", "t: {}"),
    ("PHONE", "(212) 555-0142", "my number {}"),
    ("PHONE", "555-123-4567 x12", "call {}"),
    ("PHONE", "06 12 34 56 78", "joignable au {}"),
    ("PHONE", "612 34 56 78", "móvil {}"),
    ("PHONE", "＋４９ １７１ １２３４５６７", "{}"),
    ("CARD", "4111 1111 1111 1111", "card {} exp 12/28"),
    ("CARD", "4111111111111111", "card no. {}"),
    ("CARD", "3782-822463-10005", "amex {}"),
    ("CARD", "４１１１ １１１１ １１１１ １１１１", "Karte {}"),
    ("CARD", "4111\u200b1111\u200b1111\u200b1111", "{}"),
    ("IBAN", "DE89 3704 0044 0532 0130 00", "auf {} überweisen"),
    ("IBAN", "GB29NWBK60161331926819", "to {}."),
    ("IBAN", "FR14 2004 1010 0505 0001 3M02 606", "{} merci"),
    ("IBAN", "es91 2100 0418 4502 0005 1332", "{}"),
    ("IP", "203.0.113.77", "from {} since"),
    ("IP", "2001:db8::8a2e:370:7334", "address {}"),
    ("ID", "460-89-9847", "SSN {}"),
    ("ID", "12345678Z", "DNI {}"),
    ("ID", "X1234567L", "NIE {}"),
    ("ID", "RSSMRA85T10A562S", "CF {}"),
    ("ID", "1 85 05 78 006 084 91", "NIR {}"),
    ("ID", "529.982.247-25", "CPF {}"),
    ("ID", "86 095 742 719", "Steuer-ID {}"),
    ("ID", "AB 12 34 56 C", "NINO {}"),
    ("SECRET", "hunter2", "password: {}"),
    ("SECRET", "Sommer!2026", "mein Passwort: {}"),
    ("SECRET", "Sommer!2026", "Das Kennwort lautet {}."),
    ("SECRET", "tr0ub4dor", "mot de passe : {}"),
    ("SECRET", "gato123", "contraseña: {}"),
    ("SECRET", "gato123", "la contraseña es {}"),
    ("SECRET", "abc123", "senha: {}"),
    ("SECRET", "Segreta99", "La password è {}"),
    ("SECRET", "4821", "PIN: {}"),
    ("SECRET", "AbCdEf123456", 'api_key="{}"'),
    ("SECRET", "abcDEF123456789xyz", "Authorization: Bearer {}"),
    ("SECRET", "bob:s3cret", "https://{}@host.test/x"),
    ("SECRET", "abcdef123456", "https://x.test/reset?token={}"),
    ("SECRET", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij", "jwt {}"),
    ("SECRET", "ghp_" + "a1B2" * 9, "{}"),
    ("SECRET", "sk-proj-" + "abcdef12" * 3, "key {} works"),
    ("PHONE", "06.12.34.56.78", "Appelez-moi au {}"),
    ("PHONE", "06-12-34-56-78", "au {} svp"),
    ("PHONE", "06/12/34/56/78", "joignable au {}"),
    ("PHONE", "+4915123456789", "POST /user phone={}&x=1"),
    ("PHONE", "%2B4915123456789", "GET /user?phone={}&x=1"),
    ("PHONE", "015123456789", "GET /user?tel={}"),
    ("IBAN", "DE89 3704 0044 0532 0130 00", "refund order PO12345678 to {}"),
    ("IBAN", "DE89370400440532013000", "Rechnung RE2024-0117 bitte auf {} zahlen"),
    ("IBAN", "DE89  3704  0044  0532  0130  00", "auf {}"),
    ("CARD", "4111  1111  1111  1111", "my card is {}"),
    ("CARD", "4111  1111 1111  1111", "my card is {}  12/28"),
    ("CARD", "3782  822463  10005", "amex {}"),
    ("SECRET", "Tr0ub4dor!x", "My account\nPassword:\n{}\nThanks"),
    ("SECRET", "Tr0ub4dor!x", "Passwort:\r\n  {}"),
    ("SECRET", "Tr0ub4dor!x", "<db><password>{}</password></db>"),
    ("SECRET", "sommerhaus", "<ns:userPassword type='x'>\n{}\n</ns:userPassword>"),
    ("SECRET", "a8Kf93jdK2LQ", '{{"clientSecret":"{}"}}'),
    ("SECRET", "x9!kdLq27", '{{"userPassword":"{}"}}'),
    ("SECRET", "a8Kf93jdK2LQzz9", "accessToken={}"),
    ("EMAIL", "maria.huber%40privat.example", "GET /login?user={}"),
    ("EMAIL", "maria.huber%2540privat.example", "GET /login?user={}"),
    ("EMAIL", "maria.huber&#64;privat.example", "<p>{}</p>"),
    ("EMAIL", "maria.huber&#x40;privat.example", "<p>{}</p>"),
    ("EMAIL", "maria.huber&commat;privat.example", "<p>{}</p>"),
    ("EMAIL", "maria.huber\\u0040privat.example", "mail: {}"),
    (
        "SECRET",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
        "key:\n{}\nthanks",
    ),
]

KEPT = [
    "Order 4111111111111112 has not come",
    "Bestellnummer 1234567890123456",
    "UPS 1234 5678 9012 3456",
    "on 2026-11-21 08:20:42",
    "from 2024-01-01 to 2024-12-31, 12.03.2026, 03/11/26",
    "2026-08-05T06:48:02Z",
    "invoice INV-2026-000123",
    "Rechnung Nr. 2026/00123 vom 03.11.2026",
    "ticket #4829304",
    "version 10.4.2.1 of the app",
    "firmware 2.11.0.3, then v1.2.3.4",
    "Seriennummer HT28-004417",
    "serial 00123456789",
    "PO 0012345678",
    "order 100 200 300",
    "tracking 1Z999AA10123456784",
    "the 14-day trial, 1,000 users, 3.5 GB",
    "price 1.299,00 EUR",
    "error code 0x80070005 at 127.0.0.1:8080",
    "R2 shows E-57 since 07:31 and 07:52",
    "commit 9f86d081884c7d659a2f",
    "std::vector<int> and dead::beef",
    "my password is not working",
    "Passwort ist falsch",
    "mot de passe oublié",
    "the token has expired: 401",
    "ISBN 978-3-16-148410-0",
    "call me at 10:30",
    "06.12.2034 - 07.12.2034, 06.12.34-07.12.34",
    "01.11.2026/02.11.2026",
    "order_id=030123456789&offset=+100",
    "invoice 20260/0123456789",
    "items 4111  1111  1111  1112",
    "4111  1111  1111  1111  4111  1111",
    "I forgot my password:\nThanks\nBye",
    "Please reset the password:\nUser 4711 is locked out",
    "Kompass: Norden99, Spin: links22",
    "<token>expired</token>",
    "it was 100%40.5 and width:50%40 more",
    "DE00 3704 0044 0532 0130 00 has a wrong check sum",
]


@pytest.mark.parametrize(("kind", "value", "frame"), FOUND)
def test_personal_data_is_replaced_whole(kind: str, value: str, frame: str) -> None:
    """The value goes, its kind is named, what stands around it is untouched."""
    text = frame.format(value)
    found = redact(text)
    before, after = text.split(value, 1)
    assert found.text == f"{before}<{kind}_1>{after}"
    assert found.originals == {f"<{kind}_1>": value}
    assert restore(found.text, found.originals) == text


@pytest.mark.parametrize("text", KEPT)
def test_numbers_of_things_are_not_personal(text: str) -> None:
    """D12: order numbers failing Luhn, dates, versions and invoice ids stay."""
    assert redact(text).text == text


def test_one_value_has_one_placeholder() -> None:
    """The same address twice is the same placeholder, another one another."""
    found = redact("a@x.de, b@x.de, a@x.de")
    assert found.text == "<EMAIL_1>, <EMAIL_2>, <EMAIL_1>"


def test_a_text_with_our_own_placeholders_comes_back() -> None:
    """A customer who writes <EMAIL_1> does not get somebody's address for it."""
    text = "<EMAIL_1> is a@x.de and <EMAIL_2>"
    found = redact(text)
    assert found.text == "<EMAIL_1> is <EMAIL_3> and <EMAIL_2>"
    assert restore(found.text, found.originals) == text


def test_unknown_placeholders_stay() -> None:
    """What was never given out is not restored to anything."""
    assert restore("<EMAIL_7> <b>", {"<EMAIL_1>": "a@x.de"}) == "<EMAIL_7> <b>"


_PIECES = st.sampled_from([v for _, v, _ in FOUND] + KEPT + ["<EMAIL_1>", "<PHONE_2>"])


@given(st.lists(st.one_of(st.text(max_size=40), _PIECES), max_size=8).map(" ".join))
def test_redaction_never_fails_and_is_reversible(text: str) -> None:
    """Whatever the text, restoring what was replaced gives exactly that text."""
    found = redact(text, ["Ann Smith", text[:9]])
    assert restore(found.text, found.originals) == text
    assert all(PLACEHOLDER.fullmatch(p) for p in found.originals)


@given(st.text(max_size=60))
def test_every_place_of_the_plain_view_leads_back(text: str) -> None:
    """The span of the whole plain text lies within the original, in order."""
    view = plain_view(text)
    spans = [view.span(i, i + 1) for i in range(len(view.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "1 ",
            "a@",
            "1:",
            "(1)",
            "+1 ",
            "eyJ",
            "DE12",
            "password ",
            "x[at]",
            "ﬁ",
        ),
        *("a%40", "x&#0", "<password>", "aB", "Password:\n", "4111  ", "06.12.", "=+1"),
        *("030 1234567 / ", "12345/0", "王"),
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """200 kB of what a pattern likes best take less than a second of work."""
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    redact(text)
    assert time.process_time() - started < 5.0


@pytest.mark.parametrize("between", [" ", ",", " / ", "; ", " - ", "\n"])
@pytest.mark.parametrize("phone", ["+49 171 2345678", "0171 2345678", "(415) 555-2671"])
@pytest.mark.parametrize(
    "card",
    [
        "4111 1111 1111 1111",
        "4111111111111111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_a_phone_right_beside_a_card_is_found_as_well(
    phone: str, card: str, between: str
) -> None:
    """Neither swallows the other, whichever comes first; no digit is left."""
    for text in (f"Call {phone}{between}{card} now", f"{card}{between}{phone} now"):
        done = redact(text)
        assert not any(c.isdigit() for c in PLACEHOLDER.sub("", done.text)), text
        assert sorted(done.originals.values()) == sorted((phone, card))
        assert restore(done.text, done.originals) == text


def test_a_card_s_security_code_does_not_hide_the_card() -> None:
    """Three digits behind a card are no part of its number."""
    assert redact("4111 1111 1111 1111 123 please").text == "<CARD_1> 123 please"


def test_fours_without_end_are_no_card() -> None:
    """Of a long reference one part in ten passes the check by chance."""
    text = "ref 4111 1111 1111 1111 4111 1111 1111 1111"
    assert "<CARD" not in redact(text).text


@pytest.mark.parametrize("between", [" / ", "/", " /", " - ", ", "])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("030 1234567", "0151 23456789"),
        ("030 1234567", "(0151) 23456789"),
        ("06 12 34 56 78", "07 12 34 56 79"),
        ("+49 30 1234567", "+49 151 23456789"),
    ],
)
def test_two_phones_side_by_side_are_two(first: str, second: str, between: str) -> None:
    """Joined they are too long for a number, and neither would be found."""
    done = redact(f"Tel. {first}{between}{second}")
    assert sorted(done.originals.values()) == sorted((first, second))
