"""Two more embedding models, made of the installed weights: real networks with vectors of their own.

"minilm-float" is the same network, not rounded. "minilm-256" ends in a dense layer that keeps 256 dimensions, turned
as the principal components of a few texts say: its vectors are of another length and mean nothing to the others.
"""

from pathlib import Path

from app.knowledge import embeddings
from app.knowledge.embeddings.export import installed_weights

FLOAT, SMALL = "minilm-float", "minilm-256"
SMALL_DIMENSIONS = 256


def build_float(base: Path) -> None:
    if not embeddings.is_there(base, FLOAT):
        embeddings.build(base, FLOAT, installed_weights(), rounded=False)


def build_small(base: Path) -> None:
    if not embeddings.is_there(base, SMALL):
        embeddings.build(base, SMALL, _weights(base / "minilm-256-weights"), rounded=False)


def _weights(directory: Path) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense

    model = SentenceTransformer(str(installed_weights()), device="cpu")
    transformer, pooling = model[0], model[1]
    dense = Dense(
        model.get_embedding_dimension(),
        SMALL_DIMENSIONS,
        bias=False,
        activation_function=torch.nn.Identity(),
    )
    subjects = ("roses", "delivery", "parking", "vouchers", "prices", "dogs", "trees", "toilets")
    asked = ("Where are the {}?", "{} cost money.", "We have no {} on Sundays.", "{}", "My {} died")
    texts = [pattern.format(subject) for pattern in asked for subject in subjects]
    components = torch.linalg.svd(torch.tensor(model.encode(texts))).Vh
    dense.linear.weight = torch.nn.Parameter(components[:SMALL_DIMENSIONS].clone())
    SentenceTransformer(modules=[transformer, pooling, dense], device="cpu").save(str(directory))
    return directory
