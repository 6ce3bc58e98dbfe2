"""Folders of models in the layouts that others publish, made of the tiny encoders."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from tests.tiny import SPECIAL, tokenizer_json

DIM = 8


def published_tokenizer(**changed: Any) -> bytes:
    """Return the tiny tokenizer as the hub has them: truncation, [MASK] with lstrip, a template."""
    found = json.loads(tokenizer_json())
    ids = found["model"]["vocab"]
    found["truncation"] = {
        "direction": "Right",
        "max_length": 64,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    found["added_tokens"][SPECIAL.index("[MASK]")]["lstrip"] = True
    words = [("SpecialToken", "[CLS]"), ("Sequence", "A"), ("SpecialToken", "[SEP]")]
    found["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{kind: {"id": name, "type_id": 0}} for kind, name in words],
        "pair": [{kind: {"id": name, "type_id": 0}} for kind, name in words],
        "special_tokens": {
            name: {"id": name, "ids": [ids[name]], "tokens": [name]} for name in ("[CLS]", "[SEP]")
        },
    }
    return json.dumps({**found, **changed}, indent=2).encode()


def vocabulary() -> int:
    """Return the number of pieces of the tiny tokenizer."""
    return len(json.loads(tokenizer_json())["model"]["vocab"])


def model2vec_tensors(dim: int = DIM) -> dict[str, NDArray[Any]]:
    """Return rows, weights and a mapping, as Model2Vec keeps them when two pieces share a row."""
    random = np.random.default_rng(3)
    count = vocabulary()
    mapping = np.arange(count, dtype=np.int64)
    mapping[-1] = mapping[-2]
    return {
        "embeddings": random.normal(size=(count - 1, dim)).astype(np.float16),
        "weights": random.uniform(0.1, 1, count),
        "mapping": mapping,
    }


def model2vec_folder(folder: Path, tensors: dict[str, NDArray[Any]] | None = None) -> Path:
    """Write a folder as Model2Vec saves it."""
    folder.mkdir(parents=True)
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "tokenizer_name": "someone/teacher",
        "apply_pca": DIM,
        "hidden_dim": DIM,
        "seq_length": 1000000,
        "normalize": True,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_bytes(published_tokenizer())
    (folder / "model.safetensors").write_bytes(save(tensors or model2vec_tensors()))
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: mit\n---\n# Tiny\n")
    return folder
