"""May a stored classifier be used here? If not, say so and go on without."""

from __future__ import annotations

import hashlib
import logging

from sidecar.domain.training import TrainedClassifier
from sidecar.embedder.port import Embedder
from sidecar.llm.local.trained.archive import Unreadable, unpacked
from sidecar.llm.local.trained.model import TrainedModel

log = logging.getLogger(__name__)


def usable(stored: TrainedClassifier | None, embedder: Embedder) -> TrainedModel | None:
    """Return the model, or None: damaged, or trained with other vectors."""
    if stored is None:
        return None
    if hashlib.sha256(stored.content).hexdigest() != stored.digest:
        log.error("the trained classifier %d is damaged: not used", stored.version)
        return None
    try:
        model = unpacked(stored.content)
    except Unreadable as error:
        log.error("the trained classifier %d: %s: not used", stored.version, error)
        return None
    if model.embedder != embedder.model:
        log.warning(
            "the trained classifier %d needs the vectors of %s, here are those of %s:"
            " not used; train again",
            stored.version,
            model.embedder,
            embedder.model,
        )
        return None
    return model
