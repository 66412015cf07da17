"""The exported model says what the original says, and is built once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.config import OUR_DIMENSIONS, OUR_MODEL, ROOT, Config
from app.knowledge import embeddings
from app.knowledge.embeddings import OnnxEmbedder

TEXTS = [
    "Do you deliver on Sundays?",
    "We open at 9 a.m. and close at 6 p.m. on weekdays.",
    "Plants can be returned within 30 days if they are alive and you have the receipt.",
    "¿Tienen aparcamiento para clientes?",
    "Der Laden ist montags bis freitags geöffnet.",
    "EVERYTHING IN CAPITALS",
    "refund",
    "The quick brown fox jumps over the lazy dog. " * 60,  # cut at 256 tokens by both
]


@pytest.fixture(scope="module")
def embedder(config: Config) -> OnnxEmbedder:
    embeddings.build(config.EMBEDDING_DIR)
    return OnnxEmbedder(config.EMBEDDING_DIR)


def test_vectors_agree_with_the_reference_implementation(embedder: OnnxEmbedder) -> None:
    reference = embeddings.load("sentence-transformers", "").encode(TEXTS)
    cosines = (embedder.encode(TEXTS) * reference).sum(axis=1)
    assert cosines.min() >= 0.99
    others = (embedder.encode(TEXTS)[:-1] * reference[1:]).sum(axis=1)
    assert others.max() < 0.6  # so that agreeing means something


def test_vectors_are_in_the_order_of_the_texts_and_of_length_one(embedder: OnnxEmbedder) -> None:
    together = embedder.encode(TEXTS)
    alone = np.vstack([embedder.encode([text]) for text in TEXTS])
    assert together.shape == (len(TEXTS), OUR_DIMENSIONS)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    assert ((together * alone).sum(axis=1) > 0.98).all()


def test_nothing_and_an_empty_text_are_fine(embedder: OnnxEmbedder) -> None:
    assert embedder.encode([]).shape == (0, OUR_DIMENSIONS)
    assert np.isfinite(embedder.encode([""])).all()


def test_a_built_model_is_not_built_again(config: Config, embedder: OnnxEmbedder) -> None:
    before = (config.EMBEDDING_DIR / OUR_MODEL / "model.onnx").stat().st_mtime_ns
    assert embeddings.build(config.EMBEDDING_DIR) is False
    assert (config.EMBEDDING_DIR / OUR_MODEL / "model.onnx").stat().st_mtime_ns == before


def test_a_folder_without_the_right_stamp_counts_as_not_built(tmp_path: Path) -> None:
    assert not embeddings.is_built(tmp_path)
    (tmp_path / OUR_MODEL).mkdir()
    (tmp_path / OUR_MODEL / "version").write_text("something older")
    assert not embeddings.is_built(tmp_path)


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown embedding backend"):
        embeddings.load("magic", "")


def test_the_onnx_path_never_imports_torch(config: Config, embedder: OnnxEmbedder) -> None:
    loaded = _modules_after(
        "from app.knowledge import embeddings;"
        f"embeddings.load('onnx', {str(config.EMBEDDING_DIR)!r}).encode(['hello'])"
    )
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers"}


def test_the_web_process_loads_no_model_library_by_importing_search() -> None:
    loaded = _modules_after("from app.knowledge import answering, indexing, models, embeddings")
    assert "app.knowledge.retrieval" in loaded
    assert not loaded & {"onnxruntime", "tokenizers", "torch"}


def _modules_after(code: str) -> set[str]:
    finished = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(finished.stdout.split())
