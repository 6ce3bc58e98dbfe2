"""A bundle in, the folder out that `pipeline("text-classification")` of transformers.js loads.

config.json                             labels, one or several; which file to load
tokenizer.json  tokenizer_config.json   text to token ids
onnx/model.onnx                         token ids to logits: encoder, words, head and calibration
cutouts.json                            labels, thresholds, every file's sha256, texts with answers
README.md                               how to load it, and what it leaves to whoever does
"""

from __future__ import annotations

import json
from typing import Any

from cutouts.bundle import Bundle
from cutouts.errors import ExportError
from cutouts.export.contents import SETTINGS, Contents, deciding, readme, settings
from cutouts.export.onnx_graph import whole_model
from cutouts.export.tokens import CLS, SEP, brackets_of, is_unigram, tokenizer_file

SAID = (
    "the pipeline gives probabilities; thresholds, none of these and the choice among several "
    "labels are yours to apply, see README.md"
)
SPECIAL = {"cls_token": CLS, "sep_token": SEP, "pad_token": "[PAD]", "unk_token": "[UNK]"}
LOADING = """```js
import { env, pipeline } from "@huggingface/transformers";

env.allowLocalModels = true;
env.allowRemoteModels = false; // the model comes from your own host alone
env.localModelPath = "/models/";
const classify = await pipeline("text-classification", "FOLDER"); // below /models/
const found = await classify("Is the big hall free on Sunday?", { top_k: null });
```"""


def transformers_js_files(bundle: Bundle) -> Contents:
    """Return the files of the export.

    Raises ExportError for a unigram tokenizer, which transformers.js computes otherwise, for one
    without [CLS] and [SEP], or when the encoder's graph is of none of our kinds.
    """
    if is_unigram(bundle):
        raise ExportError(
            f"the tokenizer of {bundle.folder} is a unigram model, which transformers.js decides "
            "otherwise among equally likely pieces: use --format npm or onnx"
        )
    brackets = brackets_of(bundle)
    if brackets is None:
        raise ExportError(
            f"the tokenizer of {bundle.folder} has no {CLS} and {SEP}, without which "
            "transformers.js has no ids for an empty text: use --format npm or onnx"
        )
    models = {
        "config.json": _json(_config(bundle)),
        "tokenizer.json": tokenizer_file(bundle, brackets),
        "tokenizer_config.json": _json(_tokenizer_config()),
        "onnx/model.onnx": whole_model(bundle, bracketed=True),
    }
    own = {"README.md": _readme(bundle), SETTINGS: settings(bundle, models)}
    return Contents({**own, **models}, SAID)


def _config(bundle: Bundle) -> dict[str, Any]:
    """Return what the library needs to know: the class that runs any graph from ids to logits."""
    kind = "multi" if bundle.calibration.link == "sigmoid" else "single"
    return {
        "model_type": "bert",
        "architectures": ["BertForSequenceClassification"],
        "problem_type": f"{kind}_label_classification",
        "vocab_size": bundle.encoder.description.vocabulary,
        "id2label": {str(number): label for number, label in enumerate(bundle.labels)},
        "label2id": {label: number for number, label in enumerate(bundle.labels)},
        # There is one file, and its weights are int8 where the bundle's are.
        "transformers.js_config": {"dtype": "fp32"},
    }


def _tokenizer_config() -> dict[str, Any]:
    """Return the settings beside tokenizer.json; no model_max_length, since the graph itself cuts."""
    return {"tokenizer_class": "BertTokenizer", "padding_side": "right", **SPECIAL}


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, indent=1, allow_nan=False).encode() + b"\n"


def _readme(bundle: Bundle) -> bytes:
    load = [
        "Serve this folder beside your page, for instance as `/models/FOLDER/`.",
        LOADING,
        "`found` has `{ label, score }` for each label, the most probable first; `score` is the "
        "bundle's probability. Without `top_k: null` it is the most probable label alone, however "
        "improbable that is. Leave `device` as it is, or say `wasm`: on a GPU the sums are others.",
        "The library fetches its WebAssembly from a host of its own unless "
        "`env.backends.onnx.wasm.wasmPaths` names yours.",
    ]
    left = [
        deciding(bundle),
        f"Of a text, the first {bundle.manifest['max_chars']:,} characters are read: cut it there "
        "before, with U+FFFD for a surrogate that stands alone. Cut off no tokens.",
    ]
    return readme(
        bundle,
        "A Cutouts bundle for transformers.js",
        [("How to load it", load), ("What it leaves to you", left)],
    )
