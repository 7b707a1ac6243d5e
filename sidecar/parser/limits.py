"""What one document may cost; the figures are those the documentation names."""

from __future__ import annotations

MEBIBYTE = 1024 * 1024

MAX_DOCUMENT_BYTES = 10 * MEBIBYTE
MAX_TEXT_CHARACTERS = 10_000_000
"""More text than a file of the largest size holds uncompressed is a bomb."""
MAX_REPLY_BYTES = 64 * MEBIBYTE

MEMORY_BYTES = 512 * MEBIBYTE
CPU_SECONDS = 20
WALL_SECONDS = 30.0
OPEN_FILES = 32

ZIP_ENTRIES = 2_000
ZIP_TOTAL_BYTES = 100 * 1_000_000
ZIP_RATIO = 100
"""Unpacked to packed size; deflate of plain repetition reaches 1,000."""
