"""The embedder of this process: loaded at first use, only in the worker and on the command line."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import current_app

from app.core.threads import in_thread, side_by_side
from app.knowledge import embeddings

if TYPE_CHECKING:
    import numpy as np

CORES = 2  # of the small dyno

_loading = threading.Lock()


def encode(texts: Sequence[str]) -> "np.ndarray":
    """Vectors of these texts, one row each, normalised; computed off the event loop."""
    return in_thread(embedder().encode, texts)


def encode_many(texts: Sequence[str]) -> "np.ndarray":
    """The same for an import: on two cores, and behind everything that somebody waits for."""
    import numpy as np

    if len(texts) < CORES:
        return encode(texts)
    shares = [texts[start::CORES] for start in range(CORES)]
    vectors = np.empty((len(texts), embeddings.DIMENSIONS), dtype=np.float32)
    for start, share in enumerate(side_by_side(embedder().encode, shares)):
        vectors[start::CORES] = share
    return vectors


def embedder() -> embeddings.Embedder:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with _loading:
        if "embedder" not in app.extensions:
            config = app.config
            app.extensions["embedder"] = embeddings.load(
                config["EMBEDDING_BACKEND"], config["EMBEDDING_DIR"]
            )
    loaded: embeddings.Embedder = app.extensions["embedder"]
    return loaded
