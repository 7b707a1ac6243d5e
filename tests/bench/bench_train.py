"""Measures training on 10,000 labelled tickets beside embedding them.

    python -m tests.bench.bench_train [--tickets 10000] [--labels 50] [--json OUT]

A real sidecar is taught by ``deskside train``, from the file to the version in use.
The texts are made up of a help centre's words, with some of each label's own. The
embedder alone reads the same texts in the same run. Limit: 60 s beyond embedding.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
from sidecar.settings import load_settings
from tests.bench.calls import knowledge_words
from tests.bench.measuring import judge, machine, parser, publish
from tests.bench.sidecars import DESKSIDE, Sidecar, running

BEYOND_SECONDS = 60.0
WORDS, OWN_WORDS = 16, 4


def labelled(count: int, labels: int) -> list[tuple[str, str]]:
    """Return (text, label): every fourth word is one of the label's own twelve."""
    random = np.random.default_rng(11)
    known = np.array(knowledge_words())
    own = random.choice(np.unique(known), (labels, 12))
    rows = []
    for number in range(count):
        label = number % labels
        words = [*random.choice(known, WORDS), *random.choice(own[label], OWN_WORDS)]
        random.shuffle(words)
        rows.append((" ".join(words), f"label_{label:02}"))
    return rows


def trained(sidecar: Sidecar, file: Path) -> tuple[float, dict[str, Any]]:
    """Teach the sidecar; return the seconds it took and what it said."""
    began = time.perf_counter()
    done = subprocess.run(
        [*DESKSIDE, "train", str(file), "--json"],
        env=sidecar.environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - began, json.loads(done.stdout)


def embedded(models: Path, rows: list[tuple[str, str]], threads: int) -> float:
    """Embed the texts and do nothing else; return the seconds."""
    weights = find_weights()
    if weights is None:
        raise SystemExit("the weights are not installed: see `deskside doctor`")
    variant = load_settings().embedder_variant
    embedder = MiniLmEmbedder.open(weights, models, variant, threads)
    began = time.perf_counter()
    embedder.embed([text for text, _ in rows])
    return time.perf_counter() - began


def main() -> int:
    """Run from the command line."""
    options = parser(__doc__)
    options.add_argument("--tickets", type=int, default=10_000)
    options.add_argument("--labels", type=int, default=50)
    wanted = options.parse_args()
    rows = labelled(wanted.tickets, wanted.labels)
    report: dict[str, Any] = {"machine": machine(), "tickets": len(rows)}
    threads = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = folder / "labels.csv"
        with file.open("w", newline="", encoding="utf-8") as opened:
            csv.writer(opened).writerows([("text", "label"), *rows])
        with running(Sidecar(folder / "data")) as sidecar:
            seconds, said = trained(sidecar, file)
        alone = embedded(folder / "data" / "models", rows, threads)
    report["train_s"], report["embedding_alone_s"] = round(seconds, 1), round(alone, 1)
    report["said"] = {k: said["result"][k] for k in ("texts", "labels", "accuracy")}
    report["load after"] = round(os.getloadavg()[0], 2)
    beyond = round(seconds - alone, 1)
    limit = f"training on {len(rows)} tickets, seconds beyond embedding"
    report["limits"] = judge({limit: (beyond, BEYOND_SECONDS)})
    return publish(report, wanted.json)


if __name__ == "__main__":
    raise SystemExit(main())
