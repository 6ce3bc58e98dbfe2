"""Folders of models in the layouts that others publish, made of the tiny encoders."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from safetensors.numpy import save

from cutouts.encoders.graph import HEADS, Graph, Shape, Weights, hidden_state, x_dim
from tests.tiny import SPECIAL, tiny_bert, tokenizer_json

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


def exported(weights: Weights, shape: Shape | None = None, prefix: str = "") -> ModelProto:
    """Return a transformer as exporters write it: no pooling, segments as input, named weights.

    Embeddings, biases and norms have their names, and dense layers `onnx::MatMul_<number>`.
    """
    graph = Graph()
    hidden = hidden_state(graph, weights, shape or Shape())
    names = {value.tobytes(): name for name, value in weights.items()}
    new = {}
    for number, constant in enumerate(graph.constants):
        content = numpy_helper.to_array(constant)
        name = names.get(content.tobytes())
        transposed = names.get(np.ascontiguousarray(content.T).tobytes())
        if name or transposed:
            new[constant.name] = prefix + name if name else f"onnx::MatMul_{number}"
            constant.name = new[constant.name]
    segments = "embeddings.token_type_embeddings.weight"
    (row,) = (one for one in graph.constants if list(one.dims) == [1, x_dim(weights)])
    graph.constants.append(numpy_helper.from_array(weights[segments], prefix + segments))
    inputs = [prefix + segments, "token_type_ids"]
    graph.nodes.insert(0, helper.make_node("Gather", inputs, ["segments"]))
    new[row.name] = "segments"
    graph.constants.remove(row)
    for node in graph.nodes:
        for place, name in enumerate(node.input):
            node.input[place] = new.get(name, name)
    graph.nodes.append(helper.make_node("Identity", [hidden], ["last_hidden_state"]))
    ids = ("input_ids", "attention_mask", "token_type_ids")
    axes = ["batch_size", "sequence_length"]
    made = helper.make_graph(
        graph.nodes,
        "main_graph",
        [helper.make_tensor_value_info(name, TensorProto.INT64, axes) for name in ids],
        [
            helper.make_tensor_value_info(
                "last_hidden_state", TensorProto.FLOAT, [*axes, x_dim(weights)]
            )
        ],
        initializer=graph.constants,
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


POOLINGS = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}


def sentence_folder(
    folder: Path,
    pooling: str = "mean",
    *,
    normalised: bool = True,
    weights: Weights | None = None,
    tokenizer: bytes | None = None,
) -> Path:
    """Write a folder as sentence-transformers saves it with the ONNX backend."""
    weights = weights or tiny_bert()
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "onnx").mkdir()
    kinds = ["Transformer", "Pooling", "Normalize"][: 3 if normalised else 2]
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": f"{number}_{kind}" if number else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, kind in enumerate(kinds)
    ]
    config: dict[str, Any] = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": x_dim(weights),
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": len(weights["embeddings.position_embeddings.weight"]),
        "num_attention_heads": HEADS,
        "position_embedding_type": "absolute",
    }
    modes = {f"pooling_mode_{word}": name == pooling for name, word in POOLINGS.items()}
    limits = {"max_seq_length": min(256, config["max_position_embeddings"])}
    write_json(folder / "modules.json", modules)
    write_json(folder / "config.json", config)
    write_json(folder / "sentence_bert_config.json", {**limits, "do_lower_case": False})
    pooled = {"word_embedding_dimension": config["hidden_size"], **modes}
    write_json(folder / "1_Pooling" / "config.json", pooled)
    (folder / "tokenizer.json").write_bytes(tokenizer or published_tokenizer())
    (folder / "onnx" / "model.onnx").write_bytes(exported(weights).SerializeToString())
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    return folder


def change_model(folder: Path, change: Callable[[ModelProto], object]) -> None:
    """Change the ONNX file of a folder."""
    path = folder / "onnx" / "model.onnx"
    model = ModelProto.FromString(path.read_bytes())
    change(model)
    path.write_bytes(model.SerializeToString())


def write_json(path: Path, content: Any) -> None:
    """Write a file of JSON."""
    path.write_text(json.dumps(content))
