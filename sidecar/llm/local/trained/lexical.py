"""Words and letter groups of a text as hashed features, without loops over features.

Letter groups are runs of 2 to 5 characters of the text with spaces made one, hashed
by a polynomial; words and pairs of neighbouring words are hashed from their bytes.
Weights are ``(1 + log tf) idf``, each half scaled to length one (Manning et al.,
Introduction to Information Retrieval, section 6.4).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Floats = NDArray[np.float32]
Places = NDArray[np.int32]

LONGEST = 4_000
"""Characters of a text that are looked at."""
_FACTOR = np.uint32(0x9E3779B1)
_LONGEST_GROUP = 5
_WORD = re.compile(r"\w+")
_SALT_WORD, _SALT_PAIR, _SALT_GROUP = 77, 99, 7919


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that are known: sorted hashes and their inverse frequency."""

    words: Hashes
    word_idf: Floats
    letters: Hashes
    letter_idf: Floats

    @property
    def size(self) -> int:
        """Number of features; those of letters come behind those of words."""
        return len(self.words) + len(self.letters)

    def features(self, text: str, word_share: float) -> tuple[Places, Floats]:
        """Return places and weights of a text's known features.

        The squares of the words' weights sum to ``word_share``, those of the letters'
        to the rest, so that the product of two texts is at most one.
        """
        word_at, word_weight = _weighted(word_hashes(text), self.words, self.word_idf)
        at, weight = _weighted(letter_hashes(text), self.letters, self.letter_idf)
        return (
            np.concatenate([word_at, at + np.int32(len(self.words))]),
            np.concatenate(
                [
                    word_weight * np.float32(word_share**0.5),
                    weight * np.float32((1 - word_share) ** 0.5),
                ]
            ),
        )


def learn_vocabulary(texts: Sequence[str], most: int, least_texts: int) -> Vocabulary:
    """Keep the features found in ``least_texts`` texts, at most ``most`` of a kind."""
    words, word_idf = _common([word_hashes(t) for t in texts], most, least_texts)
    letters, letter_idf = _common([letter_hashes(t) for t in texts], most, least_texts)
    return Vocabulary(words, word_idf, letters, letter_idf)


def letter_hashes(text: str) -> Hashes:
    """Return the hashes of the letter groups of a text, repeated as they stand."""
    plain = f" {' '.join(text[:LONGEST].lower().split())} "
    codes = np.frombuffer(plain.encode("utf-32-le", "replace"), np.uint32)
    rolling = codes
    found = []
    for size in range(2, _LONGEST_GROUP + 1):
        if len(rolling) < 2:
            break
        rolling = rolling[:-1] * _FACTOR + codes[size - 1 :]
        found.append(rolling + np.uint32(size * _SALT_GROUP))
    return _mixed(np.concatenate(found)) if found else np.zeros(0, np.uint32)


def word_hashes(text: str) -> Hashes:
    """Return the hashes of the words and of neighbouring pairs, repeated."""
    found = _WORD.findall(text[:LONGEST].lower())
    codes = np.array([zlib.crc32(w.encode("utf-8", "replace")) for w in found], "u4")
    pairs = codes[:-1] * _FACTOR + codes[1:]
    salted = [codes + np.uint32(_SALT_WORD), pairs + np.uint32(_SALT_PAIR)]
    return _mixed(np.concatenate(salted))


def _mixed(values: Hashes) -> Hashes:
    """Spread the bits (the finaliser of MurmurHash3's 32-bit kind, other constants)."""
    values = values ^ (values >> np.uint32(15))
    values = values * np.uint32(0x2C1B3C6D)
    values = values ^ (values >> np.uint32(12))
    values = values * np.uint32(0x297A2D39)
    return values ^ (values >> np.uint32(15))


def _weighted(hashes: Hashes, known: Hashes, idf: Floats) -> tuple[Places, Floats]:
    if not len(known) or not len(hashes):
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    unique, counts = np.unique(hashes, return_counts=True)
    at = np.minimum(np.searchsorted(known, unique), len(known) - 1)
    is_known = known[at] == unique
    at = at[is_known].astype(np.int32)
    weight = ((1.0 + np.log(counts[is_known])) * idf[at]).astype(np.float32)
    length = float(np.sqrt(weight @ weight)) or 1.0
    return at, weight / np.float32(length)


def _common(
    found: Sequence[Hashes], most: int, least_texts: int
) -> tuple[Hashes, Floats]:
    """Return the kept hashes, sorted, with their smoothed idf."""
    seen = np.concatenate([np.unique(one) for one in found])
    unique, counts = np.unique(seen, return_counts=True)
    kept = counts >= least_texts
    if int(kept.sum()) > most:
        # The most frequent ones; of equally frequent ones the smaller hashes.
        order = np.lexsort((unique, -counts))[:most]
        kept = np.zeros(len(unique), bool)
        kept[order] = True
    idf = 1.0 + np.log((1 + len(found)) / (1 + counts[kept]))
    return unique[kept], idf.astype(np.float32)
