"""Names the caller knows: found as people type them, and ordinary words left."""

from __future__ import annotations

import pytest

from sidecar.safety.redact import redact, restore


def test_known_names_are_found_in_any_spelling_and_words_are_not() -> None:
    """A full name in any case, a part with its capital, but no ordinary word."""
    text = "WILL YOUNG and will young will pay; Ms Whitlock, whitlocks, An."
    found = redact(text, ["Will Young", "Hannah Whitlock", "An"])
    assert found.text == ("<NAME_1> and <NAME_2> will pay; Ms <NAME_3>, whitlocks, An.")
    assert restore(found.text, found.originals) == text


@pytest.mark.parametrize(
    ("text", "name", "masked"),
    [
        ("我是王小明，我的订单没到", "王小明", "我是<NAME_1>，我的订单没到"),
        ("我是王伟。", "王伟", "我是<NAME_1>。"),
        ("田中太郎です", "田中 太郎", "<NAME_1>です"),
        ("我是Quandt，你好", "Zoe Quandt", "我是<NAME_1>，你好"),
        ("hello, zwickelhuber here", "Maria Zwickelhuber", "hello, <NAME_1> here"),
        ("from ZWICKELHUBER:", "Maria Zwickelhuber", "from <NAME_1>:"),
        ("Gruss, Gru\u0308nwaldt.", "Jo Gr\u00fcnwaldt", "Gruss, <NAME_1>."),
        ("Gruss, Gr\u00fcnwaldt.", "Jo Gru\u0308nwaldt", "Gruss, <NAME_1>."),
    ],
)
def test_a_customer_s_own_name_is_found_as_people_type_it(
    text: str, name: str, masked: str
) -> None:
    """Without blanks, without capitals, with its marks in signs of their own."""
    found = redact(text, [name], proven_only=True)
    assert found.text == masked
    assert restore(found.text, found.originals) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a question about billing, with service", "Billing Service"),
        ("this summer the garden is silver", "Summer Silver"),
        ("im garten steht morgen ein kaiser", "Kaiser Morgen-Garten"),
        ("the tans of li and hu", "Tans Li"),
        ("zwickelhubers", "Maria Zwickelhuber"),
    ],
)
def test_an_ordinary_word_in_small_letters_is_nobody_s_name(
    text: str, name: str
) -> None:
    """Only a part that is a name and nothing else is found without its capital."""
    assert redact(text, [name], proven_only=True).text == text


def test_an_ordinary_word_with_its_capital_is_a_name() -> None:
    """The capital tells: "Silver" is the customer where that is her name."""
    assert redact("Dear Ms Silver", ["Ada Silver"]).text == "Dear Ms <NAME_1>"
