"""The embedders of this process: loaded at first use, only in the worker and on the command line.

A business is searched with the model that made its vectors. That is the configured one, except while a change of
the configuration is on its way (knowledge/reembedding.py): then two are loaded.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select

from app.businesses.models import Business
from app.config import OUR_MODEL
from app.core import tenancy
from app.core.threads import in_thread, side_by_side
from app.extensions import db
from app.knowledge import embeddings
from app.knowledge.embeddings import Embedder, ModelMissing

if TYPE_CHECKING:
    import numpy as np

CORES = 2  # of the small dyno

_loading = threading.Lock()


def encode(texts: Sequence[str], model: str | None = None) -> "np.ndarray":
    """Vectors of these texts, one row each, normalised; computed off the event loop.

    By the model that serves the business in scope, where none is named.
    """
    return in_thread(embedder(model or serving_model()).encode, texts)


def encode_many(texts: Sequence[str], model: str | None = None) -> "np.ndarray":
    """The same for an import: on two cores, and behind everything that somebody waits for."""
    import numpy as np

    model = model or serving_model()
    if len(texts) < CORES:
        return encode(texts, model)
    used = embedder(model)
    shares = [texts[start::CORES] for start in range(CORES)]
    vectors = np.empty((len(texts), used.dimensions), dtype=np.float32)
    for start, share in enumerate(side_by_side(used.encode, shares)):
        vectors[start::CORES] = share
    return vectors


def configured_model() -> str:
    name: str = current_app.config["EMBEDDING_MODEL"]
    return name


def serving_model() -> str:
    """The model that made the vectors of the business in scope, as this moment's database has it."""
    business_id = tenancy.scope_or_none()
    if business_id is None:
        return configured_model()
    found = select(Business.embedding_model).where(Business.id == business_id)
    return db.session.scalar(found) or configured_model()


def held_model() -> str:
    """The same; and no other can take its place before this transaction ends. For who keeps a vector."""
    held = select(Business.embedding_model).where(Business.id == tenancy.current_business_id())
    return db.session.scalars(held.with_for_update(read=True)).one()


def embedder(model: str) -> Embedder:
    """Raises ModelMissing."""
    loaded = _loaded()
    with _loading:
        if model not in loaded:
            loaded[model] = _load(model)
        return loaded[model]


def release_unused() -> None:
    """After a change, the model that serves nobody any more gives its memory back."""
    loaded = _loaded()
    if len(loaded) > 1:
        needed = {configured_model(), *db.session.scalars(select(Business.embedding_model))}
        for model in loaded.keys() - needed:
            loaded.pop(model, None)


def _loaded() -> dict[str, Embedder]:
    loaded: dict[str, Embedder] = current_app.extensions.setdefault("embedders", {})
    return loaded


def _load(model: str) -> Embedder:
    config = current_app.config
    base, backend = config["EMBEDDING_DIR"], config["EMBEDDING_BACKEND"]
    if model != configured_model():
        return _load_former(model, base, backend)
    made = embeddings.load(backend, base, model, config["EMBEDDING_SOURCE"])
    if made.dimensions != config["EMBEDDING_DIMENSIONS"]:
        raise ModelMissing(
            f"EMBEDDING_DIMENSIONS is {config['EMBEDDING_DIMENSIONS']}, but {model} makes vectors "
            f"of {made.dimensions}."
        )
    return made


def _load_former(model: str, base: str, backend: str) -> Embedder:
    """Its own settings are gone by now; what it needs lies in its directory, or is installed."""
    is_installed = model == OUR_MODEL and backend == "sentence-transformers"
    use = backend if is_installed and not embeddings.is_there(base, model) else "onnx"
    return embeddings.load(use, base, model)
