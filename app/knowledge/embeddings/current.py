"""The embedder of this process: loaded at first use, only in the worker and on the command line."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from flask import current_app

from app.core.threads import in_thread
from app.knowledge import embeddings

if TYPE_CHECKING:
    import numpy as np

_loading = threading.Lock()


def encode(texts: Sequence[str]) -> "np.ndarray":
    """Vectors of these texts, one row each, normalised; computed off the event loop."""
    return in_thread(embedder().encode, texts)


def encode_wide(texts: Sequence[str]) -> "np.ndarray":
    """The same on two cores, for the command line: the worker leaves the second one to customers."""
    import numpy as np

    if len(texts) < 2:
        return embedder().encode(texts)
    halves = [texts[0::2], texts[1::2]]
    with ThreadPoolExecutor(2) as pool:
        even, odd = pool.map(embedder().encode, halves)
    vectors = np.empty((len(texts), even.shape[1]), dtype=even.dtype)
    vectors[0::2], vectors[1::2] = even, odd
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
