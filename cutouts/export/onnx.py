"""A bundle in, a folder for any runtime of ONNX out: text's ids or a vector in, probabilities out.

model.onnx       token ids and their mask to probabilities: encoder, words, head and calibration
head.onnx        a vector to probabilities; left out where the head looks at words too
tokenizer.json   text to token ids
cutouts.json     labels, thresholds, every file's sha256, texts with ids and answers
README.md        how to run it, and what it leaves to whoever does
"""

from __future__ import annotations

from cutouts.bundle import Bundle
from cutouts.export.contents import (
    SETTINGS,
    TOLERANCE,
    Contents,
    checks,
    deciding,
    readme,
    settings,
)
from cutouts.export.onnx_graph import head_model, whole_model
from cutouts.export.onnx_model import opset_of
from cutouts.export.tokens import Brackets, bracketed, brackets_of, is_unigram, tokenizer_file

SAID = (
    "they give probabilities; thresholds, none of these and the choice among several labels are "
    "yours to apply, see README.md"
)


def onnx_files(bundle: Bundle) -> Contents:
    """Return the files of the export.

    Raises ExportError when the encoder's graph is of none of our kinds.
    """
    brackets = brackets_of(bundle)
    models = {"model.onnx": whole_model(bundle, bracketed=brackets is not None)}
    opset = opset_of(models["model.onnx"])
    if (head := head_model(bundle)) is not None:
        models["head.onnx"] = head
    models["tokenizer.json"] = tokenizer_file(bundle, brackets)
    ids = [bracketed(entry["ids"], brackets) for entry in checks(bundle)]
    own = {
        "README.md": _readme(bundle, brackets, opset, with_head=head is not None),
        SETTINGS: settings(bundle, models, check_ids=ids),
    }
    return Contents({**own, **models}, SAID)


def _readme(bundle: Bundle, brackets: Brackets | None, opset: int, *, with_head: bool) -> bytes:
    most = bundle.encoder.description.max_tokens
    ends = "between [CLS] and [SEP]" if brackets else "without special tokens"
    run = [
        f"`model.onnx` holds standard operators of opset {opset} only. `input_ids` and "
        "`attention_mask` "
        "are int64, (texts, length). A text's ids stand on the left, with mask 1; what pads it has "
        "mask 0. `probabilities` and `logits` are float32, (texts, labels), the labels in the order "
        f"of `{SETTINGS}`; `sentence_embedding` is the text's vector.",
        f"`tokenizer.json` turns a text into ids, {ends}, all of them: cut nothing off. "
        + (
            f"The graph itself gives the encoder the first {most} and, where the head looks at "
            "words, looks at every piece."
            if most
            else "The graph looks at every piece."
        ),
        f"Of a text, the first {bundle.manifest['max_chars']:,} characters are read: cut it there "
        "before, with U+FFFD for a surrogate that stands alone.",
    ]
    run.append(
        "`head.onnx` takes `vector`, float32, (texts, dim), and gives `probabilities` and `logits`."
        if with_head
        else "There is no graph from a vector alone: the head looks at the text's words too, and "
        "without them its answers would be others."
    )
    left = [deciding(bundle)]
    if brackets is None:
        left.append("A text without pieces is one place with mask 0.")
    if is_unigram(bundle):
        left.append(
            "The `tokenizers` library reads this tokenizer.json, but decides otherwise among "
            "equally likely pieces: for the bundle's own answers take ids from "
            "`cutouts.load(BUNDLE).pieces([text])`."
        )
    check = [
        f"`checks` in `{SETTINGS}` has texts with the bundle's probabilities, `check_ids` their "
        f"ids. What a runtime gives should be within {TOLERANCE} of them."
    ]
    sections = [("How to run it", run), ("What it leaves to you", left), ("How to check it", check)]
    return readme(bundle, "A Cutouts bundle in ONNX", sections)
