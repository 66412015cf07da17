"""Texts to vectors. Knows nothing of Flask or the database.

A model has a name, and a directory of that name with its graph and its tokenizer. Ours is all-MiniLM-L6-v2, built
from the installed weights. Two backends: "onnx" (int8, 114 MB, the one that runs) and "sentence-transformers" (the
reference; with torch it takes 490 MB). Heavy libraries are imported when a backend is made, so importing this
package is free.
"""

from app.knowledge.embeddings.encoders import (
    Embedder,
    ModelMissing,
    OnnxEmbedder,
    SentenceTransformersEmbedder,
    load,
)
from app.knowledge.embeddings.export import build, is_built, is_there

__all__ = [
    "Embedder",
    "ModelMissing",
    "OnnxEmbedder",
    "SentenceTransformersEmbedder",
    "build",
    "is_built",
    "is_there",
    "load",
]
