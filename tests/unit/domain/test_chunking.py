"""A document's passages lose no word, keep their place, and stay within bounds."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.domain.chunking import STRETCH, Chunk, ChunkSize, chunk_blocks


@dataclass(frozen=True)
class Piece:
    """A block as any parser may give it."""

    kind: str
    text: str
    level: int = 0
    page: int = 0


SENTENCES = [f"Sentence number {n} says one thing about returns." for n in range(60)]
LONG = Piece("paragraph", " ".join(SENTENCES), page=3)

words = st.text("abcdefg.!?-|é漢。", min_size=1, max_size=30)
texts = st.lists(words, max_size=80).map(" ".join)
lines = st.lists(texts, min_size=1, max_size=12).map("\n".join)
pieces = st.one_of(
    st.builds(Piece, st.just("heading"), texts, st.integers(0, 6), st.integers(0, 9)),
    st.builds(
        Piece,
        st.sampled_from(["paragraph", "list", "table", "code"]),
        lines,
        st.just(0),
        st.integers(0, 9),
    ),
)
sizes = st.builds(ChunkSize, st.integers(40, 400), st.integers(0, 20))


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=15), sizes)
def test_no_word_is_lost_and_no_chunk_too_long(
    blocks: list[Piece], size: ChunkSize
) -> None:
    """Every character of every block is in some chunk, in order, within the cap."""
    chunks = chunk_blocks(blocks, size)
    for chunk in chunks:
        assert chunk.text.strip()
        assert len(chunk.text) <= size.target * STRETCH
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    headings = "\n".join(chunk.heading for chunk in chunks)
    bodies = "".join("".join(chunk.text.split()) for chunk in chunks)
    everything = headings + "\n" + "\n".join(chunk.text for chunk in chunks)
    for block in blocks:
        plain = " ".join(block.text.split())
        if block.kind == "heading" and len(plain) <= 200:
            assert plain in headings
            continue
        for word in plain.split():
            if len(word) < 20 and not re.search("[。.!?-]", word):
                assert word in everything or word in bodies
    if size.overlap == 0 and not any(block.kind == "table" for block in blocks):
        long = [b for b in blocks if b.kind != "heading"]
        assert all(_letters(block.text) in _letters(bodies) for block in long)


def _letters(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=50, deadline=None)
@given(st.lists(pieces, max_size=10))
def test_the_same_document_gives_the_same_chunks(blocks: list[Piece]) -> None:
    """Nothing but the blocks decides the chunks."""
    assert chunk_blocks(blocks) == chunk_blocks(list(blocks))


def test_default_chunks_are_about_a_thousand_with_an_overlap() -> None:
    """Long prose is cut between sentences; neighbours share the last ones."""
    chunks = chunk_blocks([LONG])
    assert len(chunks) > 2
    for chunk in chunks:
        assert len(chunk.text) <= 1500
        assert chunk.text.startswith("Sentence")
        assert chunk.text.endswith(".")
        assert chunk.page == 3
    for left, right in pairwise(chunks):
        shared = max(
            n for n in range(201) if left.text.endswith(right.text[:n]) or n == 0
        )
        assert 100 <= shared <= 200


def test_headings_are_kept_as_a_path() -> None:
    """A chunk names the headings above it and never spans two."""
    blocks = [
        Piece("heading", "Returns", 1),
        Piece("paragraph", "Intro."),
        Piece("heading", "By post", 2),
        Piece("paragraph", "Use a box."),
        Piece("heading", "In shops", 2),
        Piece("paragraph", "Bring it."),
        Piece("heading", "Contact", 1),
    ]
    assert chunk_blocks(blocks) == (
        Chunk(0, "Returns", "Intro.", 0),
        Chunk(1, "Returns › By post", "Use a box.", 0),
        Chunk(2, "Returns › In shops", "Bring it.", 0),
        Chunk(3, "Contact", "Contact", 0),
    )


@pytest.mark.parametrize("kind", ["list", "table", "code"])
def test_what_fits_is_not_torn(kind: str) -> None:
    """A list, table or piece of code of less than the target stays whole."""
    text = "\n".join(f"- item {n} with words" for n in range(30))
    chunks = chunk_blocks([Piece("paragraph", LONG.text[:700]), Piece(kind, text)])
    assert sum(text in chunk.text for chunk in chunks) == 1


def test_a_torn_table_repeats_its_header() -> None:
    """Each part of a long table begins with the first row."""
    rows = "\n".join(f"Plan {n} | {n}.90" for n in range(300))
    chunks = chunk_blocks([Piece("table", f"Name | Price\n{rows}")])
    assert len(chunks) > 3
    for chunk in chunks:
        assert chunk.text.startswith("Name | Price\nPlan ")
        assert chunk.text.count("Name | Price") == 1


def test_a_torn_list_is_cut_between_items() -> None:
    """No item of a long list is cut in two."""
    items = [f"- step {n} of a very long list of steps" for n in range(100)]
    chunks = chunk_blocks([Piece("list", "\n".join(items))])
    for chunk in chunks:
        assert set(chunk.text.split("\n")) <= set(items)


def test_abbreviations_end_no_sentence() -> None:
    """A cut does not fall behind "e.g." or a title."""
    text = "Ask Dr. Smith, e.g. about No. 5 now. " * 40
    for chunk in chunk_blocks([Piece("paragraph", text)]):
        assert chunk.text.startswith("Ask")
        assert chunk.text.endswith("now.")


def test_a_crumb_joins_the_chunk_before_it() -> None:
    """No passage of a few words is left over."""
    chunks = chunk_blocks(
        [Piece("code", "x" * 990), Piece("paragraph", "The end of it.")]
    )
    assert len(chunks) == 1


def test_a_repeated_last_sentence_is_kept() -> None:
    """The same words said again at the end are not taken for the overlap."""
    text = LONG.text[:960] + " Yes. No. " + "Filler words here. " * 50 + "Yes."
    chunks = chunk_blocks([Piece("paragraph", text)])
    assert chunks[-1].text.endswith("Yes.")


def test_an_overlap_over_half_the_target_is_refused() -> None:
    """Such a setting would repeat more than it adds."""
    with pytest.raises(ValueError, match="overlap"):
        ChunkSize(100, 60)


@pytest.mark.parametrize("piece", [" ", "\t", "Dr. ", "Mr. A. ", "No. ", " \n"])
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """100 kB of blanks or abbreviations are cut in seconds, not in minutes."""
    text = "x" + piece * (100_000 // len(piece)) + "y"
    started = time.process_time()
    chunk_blocks([Piece("paragraph", text)])
    assert time.process_time() - started < 5.0
