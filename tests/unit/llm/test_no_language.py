"""Texts that are in no language."""

from __future__ import annotations

import pytest

from sidecar.embedder.none import NoEmbedder
from sidecar.llm.local.engine import LocalEngine

ENGINE = LocalEngine(NoEmbedder())


@pytest.mark.parametrize(
    "text",
    [
        "asdf qwer",
        "asdfghjkl",
        "fghj dfgh vbnm rtzu",
        "xkcd zzz qqq",
        "aaaaaaa",
        "foo bar baz",
        "blah blah blah",
        "lorem ipsum",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit",
        "12345",
        "ORD-2024-88812",
        "👍🙏 😡😡",
        "?? ... !!!",
        "for (int i = 0; i < n; i++) { x[i] = y; }",
        "def foo(x): return x+1",
        "SELECT * FROM users WHERE id = 1;",
        "const a = () => b;",
        '{"id": 7, "name": "x"}',
        "java.lang.NullPointerException com.example.shop.Basket",
    ],
)
def test_what_is_no_language_is_undetermined(text: str) -> None:
    """A detector always has a favourite; here it must keep it to itself."""
    assert ENGINE.language_of(text) == "und"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der Wert ist falsch", "de"),
        ("asdf, sorry: the invoice is wrong", "en"),
        ("My order fails with {code: 7}; please help me, thank you", "en"),
        ("Le serveur affiche java.lang.NullPointerException depuis hier", "fr"),
        ("Strč prst skrz krk", "cs"),
        ("Przycisk nie działa od wczoraj", "pl"),
        ("Rot; Grün; Blau; welche Farben gibt es noch?", "de"),
        ("GREAT, IT WORKS NOW, THANK YOU", "en"),
    ],
)
def test_words_around_nonsense_keep_their_language(text: str, language: str) -> None:
    """Only the nonsense is left out."""
    assert ENGINE.language_of(text) == language
