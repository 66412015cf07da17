"""The two backends behind one protocol."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.config import OUR_MODEL
from app.knowledge.embeddings.export import (
    MAX_TOKENS,
    MODEL,
    TOKENIZER,
    installed_weights,
    is_there,
    model_directory,
)

if TYPE_CHECKING:
    import numpy as np

BATCH = (
    4  # bigger batches only cost memory: 1 to 4 texts take 127 to 169 MB at the peak, 32 take 400
)


class ModelMissing(RuntimeError):
    """The model isn't where it should be, or isn't what the configuration says. Names what to do."""


class Embedder(Protocol):
    dimensions: int

    def encode(self, texts: Sequence[str]) -> "np.ndarray[Any, Any]":
        """One float32 row of length 1 per text, in the texts' order."""
        ...


class OnnxEmbedder:
    """Safe to call from several threads at once: a session's run is, and each call has its own arrays."""

    def __init__(self, base: str | Path, model: str = OUR_MODEL) -> None:
        import onnxruntime as ort
        from tokenizers import Tokenizer

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # an arena keeps the longest batch's memory for ever
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        path = model_directory(base, model)
        self._session = ort.InferenceSession(
            str(path / MODEL), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(path / TOKENIZER))
        self.dimensions = int(self._session.get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str]) -> "np.ndarray[Any, Any]":
        import numpy as np

        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        encodings = [self._tokenizer.encode(text) for text in texts]
        by_length = sorted(range(len(texts)), key=lambda index: len(encodings[index].ids))
        for start in range(0, len(by_length), BATCH):
            batch = by_length[start : start + BATCH]
            vectors[batch] = self._run([encodings[index].ids for index in batch])
        return vectors

    def _run(self, rows: list[list[int]]) -> "np.ndarray[Any, Any]":
        import numpy as np

        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, visible, tokens in zip(ids, mask, rows, strict=True):
            row[: len(tokens)] = tokens
            visible[: len(tokens)] = 1
        (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return np.asarray(vectors)


class SentenceTransformersEmbedder:
    """The reference implementation, from a directory of weights, without any network."""

    def __init__(self, source: str | Path = "") -> None:
        import os

        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(source or installed_weights()), device="cpu")
        self._model.max_seq_length = MAX_TOKENS
        self.dimensions = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> "np.ndarray[Any, Any]":
        import numpy as np

        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def load(
    backend: str, base: str | Path, model: str = OUR_MODEL, source: str | Path = ""
) -> Embedder:
    """`backend` is "onnx" (needs what build() left in `base`) or "sentence-transformers" (of `source`).

    Raises ModelMissing.
    """
    if backend == "sentence-transformers":
        return SentenceTransformersEmbedder(source)
    if backend != "onnx":
        raise ValueError(f"unknown embedding backend {backend!r}")
    if not is_there(base, model):
        raise ModelMissing(
            f"The embedding model {model} is not in {Path(base) / model}. "
            "Run `flask embeddings build`, or put its model.onnx and tokenizer.json there."
        )
    return OnnxEmbedder(base, model)
