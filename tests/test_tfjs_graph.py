"""Nodes and weights in; the bytes of model.json and of its shards come out."""

import json

import numpy as np

from cutouts.export import tfjs_graph
from cutouts.export.tfjs_graph import SHARD, TfjsGraph, Weight, model_files


def test_whole_numbers_travel_as_one_byte_and_come_back_exactly() -> None:
    weight = Weight("a", np.arange(-128, 128, dtype=np.int8))
    spec = weight.spec()
    assert spec["dtype"] == "float32"
    step = spec["quantization"]
    bytes_ = np.frombuffer(weight.data(), np.dtype(step["dtype"])).astype(np.float32)
    assert (bytes_ * np.float32(step["scale"]) + np.float32(step["min"]) == weight.values).all()


def test_shards_hold_at_most_4_mib_and_all_bytes_in_order() -> None:
    values = np.arange(SHARD // 4 + 10, dtype=np.float32)
    files = model_files({"format": "x"}, [Weight("a", values), Weight("b", values[:3])])
    (group,) = json.loads(files["model.json"])["weightsManifest"]
    assert group["paths"] == ["group1-shard1of2.bin", "group1-shard2of2.bin"]
    assert [len(files[path]) for path in group["paths"]] == [SHARD, 40 + 12]
    data = b"".join(files[path] for path in group["paths"])
    assert data == values.tobytes() + values[:3].tobytes()


def test_a_node_names_its_inputs_and_attributes_as_tensorflow_does() -> None:
    graph = TfjsGraph()
    ids = graph.placeholder("ids", -1)
    table = graph.const(np.zeros((3, 2), np.float32))
    found = graph.op("GatherV2", table, ids, graph.const([0]), Taxis="DT_INT32", small=0.5, b=True)
    model = json.loads(graph.files(found, 2, {"made": "here"})["model.json"])
    assert model["generatedBy"] == tfjs_graph.GENERATOR
    assert model["userDefinedMetadata"] == {"made": "here"}
    assert model["signature"]["outputs"]["vector"]["name"] == f"{found}:0"
    node = model["modelTopology"]["node"][-1]
    assert node["input"] == [table, ids, "c1"]
    assert node["attr"] == {"Taxis": {"type": "DT_INT32"}, "small": {"f": 0.5}, "b": {"b": True}}
    specs = model["weightsManifest"][0]["weights"]
    assert [(spec["name"], spec["shape"], spec["dtype"]) for spec in specs] == [
        ("c0", [3, 2], "float32"),
        ("c1", [1], "int32"),
    ]
