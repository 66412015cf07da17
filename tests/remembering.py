"""Vectors of what was embedded before, from run to run: making them was a quarter of the suite's time.

Asked by the whole list, since a text's last digits depend on those that were made beside it. test_embeddings.py asks
the model itself.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import get_ident
from typing import Any

import numpy as np

from app.config import OUR_DIMENSIONS, OUR_MODEL
from app.knowledge.embeddings import OnnxEmbedder, encoders

MOST = 20_000  # files; some tests ask with new words each time


class Remembering:
    """Our model, which is only loaded for what is new to it."""

    dimensions = OUR_DIMENSIONS

    def __init__(self, base: Path, kept: Path) -> None:
        self._base = base
        made_by = (base / OUR_MODEL / "version").read_bytes(), Path(encoders.__file__).read_bytes()
        self._kept = kept / hashlib.sha256(b"".join(made_by)).hexdigest()[:12]
        self._kept.mkdir(parents=True, exist_ok=True)
        if len(os.listdir(self._kept)) > MOST:
            shutil.rmtree(self._kept, ignore_errors=True)
            self._kept.mkdir(exist_ok=True)

    def encode(self, texts: Sequence[str]) -> "np.ndarray[Any, Any]":
        file = self._kept / hashlib.sha256("\0".join(texts).encode()).hexdigest()
        try:
            return np.frombuffer(file.read_bytes(), np.float32).reshape(len(texts), -1).copy()
        except (FileNotFoundError, ValueError):
            vectors = self._model.encode(texts)
            _write_whole(file, vectors.tobytes())
            return vectors

    @cached_property
    def _model(self) -> OnnxEmbedder:
        return OnnxEmbedder(self._base)


def _write_whole(file: Path, content: bytes) -> None:
    """Never half: another process or thread may be reading it."""
    mine = file.with_suffix(f".{os.getpid()}-{get_ident()}")
    mine.write_bytes(content)
    mine.replace(file)
