"""Texts to vectors of all-MiniLM-L6-v2. Knows nothing of Flask or the database.

Two backends of the same model: "onnx" (int8, 114 MB, the one that runs) and "sentence-transformers" (the
reference; with torch it takes 490 MB). Heavy libraries are imported when a backend is made, so importing this
package is free.
"""

from app.knowledge.embeddings.encoders import (
    DIMENSIONS,
    Embedder,
    OnnxEmbedder,
    SentenceTransformersEmbedder,
    load,
)
from app.knowledge.embeddings.export import build, is_built

__all__ = [
    "DIMENSIONS",
    "Embedder",
    "OnnxEmbedder",
    "SentenceTransformersEmbedder",
    "build",
    "is_built",
    "load",
]
