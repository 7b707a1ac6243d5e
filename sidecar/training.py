"""Training in a child process of low priority, so that calls stay fast meanwhile.

The child gets the rows on its standard input and tells progress on its standard
output, a JSON line a step; the classifier's bytes come last. It ends when its input
closes, that is, with its parent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sidecar.domain.training import LabelledText
from sidecar.llm.trainer_port import Progress, Trained, TrainingFailed

_NICE = 10
_BEAT_SECONDS = 1.0
_GONE = "The training process ended before its end; see the log of the sidecar."


@dataclass(frozen=True, slots=True)
class ChildTrainer:
    """Trains in a child with an embedder of its own.

    ``variant`` is that of MiniLM, '' for none; its graph lies in ``models``.
    """

    models: Path
    variant: str
    threads: int

    def train(self, rows: Sequence[LabelledText], say: Progress) -> Trained:
        """Train on the rows; raises ``TrainingFailed`` with public words."""
        command = [sys.executable, "-m", "sidecar.training"]
        command += [str(self.models), self.variant, str(self.threads)]
        # The libraries read it when they load: no more threads than there are cores.
        threads = {"OPENBLAS_NUM_THREADS": str(self.threads)}
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **threads},
        ) as child:
            if child.stdin is None or child.stdout is None:
                raise AssertionError("both were asked for")
            try:
                _send(child.stdin, rows)
                return _follow(child.stdout, say)
            except BrokenPipeError:
                raise TrainingFailed(_GONE) from None
            finally:
                child.kill()


def trainer_for(model: str, models: Path) -> ChildTrainer:
    """Return the trainer for the embedder of this name, as the port reports it."""
    variant = model.rpartition("/")[2] if model.startswith("all-MiniLM-L6-v2/") else ""
    return ChildTrainer(models, variant, os.cpu_count() or 1)


def _send(stdin: IO[bytes], rows: Sequence[LabelledText]) -> None:
    content = json.dumps([(row.text, row.labels) for row in rows]).encode("ascii")
    stdin.write(b"%d\n" % len(content) + content)
    stdin.flush()


def _follow(stdout: IO[bytes], say: Progress) -> Trained:
    for line in stdout:
        step = json.loads(line)
        if "failed" in step:
            raise TrainingFailed(step["failed"])
        if "size" in step:
            content = stdout.read(step["size"])
            if len(content) != step["size"]:
                break
            return Trained(content, step["embedder"], json.dumps(step["report"]))
        # A beat that was on its way when the result came is read before it.
        say(step["done"], step["total"], step["message"])
    raise TrainingFailed(_GONE)


def main(arguments: Sequence[str]) -> None:
    """Be the child."""
    os.nice(_NICE)
    size = int(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read(size)
    if len(content) != size:
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    rows = [LabelledText(text, tuple(labels)) for text, labels in json.loads(content)]
    try:
        _work(rows, Path(arguments[0]), arguments[1], int(arguments[2]))
    except (ValueError, ArithmeticError) as error:
        _tell({"failed": f"The training failed: {error}"})
    except MemoryError:
        _tell({"failed": "There is not enough memory for this training."})


def _work(rows: list[LabelledText], models: Path, variant: str, threads: int) -> None:
    # Loaded here: only the child needs them.
    from sidecar.embedder.minilm import MiniLmEmbedder, find_weights
    from sidecar.embedder.none import NoEmbedder
    from sidecar.embedder.port import Embedder
    from sidecar.llm.local.labels import spoken
    from sidecar.llm.local.language import LanguageDetector
    from sidecar.llm.local.read import Reader
    from sidecar.llm.local.trained.archive import packed
    from sidecar.llm.local.trained.train import train

    embedder: Embedder = NoEmbedder()
    weights = find_weights() if variant else None
    if weights is not None:
        embedder = MiniLmEmbedder.open(weights, models, variant, threads)
    reader = Reader(embedder, LanguageDetector())

    last: dict[str, object] = {"done": 0, "total": len(rows), "message": "starting"}

    def say(done: int, total: int, message: str) -> None:
        last.update(done=done, total=total, message=message)
        _tell(last)

    over = _beating(last)
    model, report = train(rows, embedder, reader.texts, spoken, say)
    content = packed(model)
    over.set()
    size = len(content)
    _tell({"size": size, "embedder": model.embedder, "report": report}, content)


def _beating(last: dict[str, object]) -> threading.Event:
    """Repeat the last step every second: the lease goes on, and a stop is heard."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_SECONDS):
            _tell(dict(last))

    threading.Thread(target=beat, daemon=True).start()
    return over


_telling = threading.Lock()


def _tell(step: dict[str, object], content: bytes = b"") -> None:
    with _telling:
        line = json.dumps(step).encode("ascii") + b"\n"
        sys.stdout.buffer.write(line + content)
        sys.stdout.buffer.flush()


def _end_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
