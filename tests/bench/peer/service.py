"""FastAPI, sentence-transformers and FAISS: embed a query, return the best passages.

Runs in an environment of its own (``tests/tools/install_peer.sh``) and imports
nothing of ours. ``PEER_MODEL`` names the model's folder, ``PEER_PASSAGES`` a folder
with ``vectors.npy`` and ``texts.json``. One torch thread a worker is its best setting
where workers share the cores.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer

torch.set_num_threads(1)
faiss.omp_set_num_threads(1)

_FOLDER = Path(os.environ["PEER_PASSAGES"])
_TEXTS = json.loads((_FOLDER / "texts.json").read_text())
_MODEL = SentenceTransformer(os.environ["PEER_MODEL"], device="cpu")
_VECTORS = np.load(_FOLDER / "vectors.npy")
_INDEX = faiss.IndexFlatIP(_VECTORS.shape[1])
_INDEX.add(_VECTORS)

app = FastAPI()


class Query(BaseModel):
    """What is looked for, and how many passages are wanted."""

    text: str
    top_k: int = 5


@app.get("/ready")
def ready() -> str:
    """Say that the model is loaded and warm."""
    _MODEL.encode(["warm"])
    return "ready"


@app.post("/search")
def search(query: Query) -> list[dict[str, Any]]:
    """Return the nearest passages by cosine."""
    vector = _MODEL.encode(
        [query.text], normalize_embeddings=True, show_progress_bar=False
    )
    scores, found = _INDEX.search(vector, query.top_k)
    return [
        {"passage": int(number), "text": _TEXTS[number], "score": float(score)}
        for number, score in zip(found[0], scores[0], strict=True)
    ]
