"""The embedder of this process: loaded at first use, only in the worker and on the command line."""

import threading
from collections.abc import Sequence
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
