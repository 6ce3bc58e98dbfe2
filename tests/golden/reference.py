"""A text and a bundle's numbers in, the right answer out: docs/bundle.md in plain, slow loops.

Uses nothing of the package, so that a mistake there cannot hide here.
"""

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

Row = list[float]
Rows = list[Row]  # steps, then channels
LONGEST_WORD = 100
IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def prepare(text: str, max_chars: int) -> str:
    """Return the text with lone surrogates replaced, of at most `max_chars` code points."""
    whole = re.sub("[\ud800-\udbff][\udc00-\udfff]", lambda pair: joined(pair[0]), text)
    return re.sub("[\ud800-\udfff]", "\ufffd", whole)[:max_chars]


def joined(pair: str) -> str:
    """Return the character that a high and a low surrogate stand for."""
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + ord(pair[1]) - 0xDC00)


def tokenize(text: str, tokenizer: dict[str, Any]) -> list[int]:
    """Return the ids of a prepared text's word pieces."""
    specials = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    ids: list[int] = []
    for part in re.split("(" + "|".join(map(re.escape, specials)) + ")", text):
        if part in specials:
            ids.append(specials[part])
            continue
        for word in words(folded(part)):
            ids += word_pieces(word, tokenizer["model"]["vocab"])
    return ids


def folded(text: str) -> str:
    """Return the text cleaned, with ideographs apart, without accents, in lower case."""
    cleaned = ""
    for char in text:
        if char in "\t\n\r" or char.isspace():
            cleaned += " "
        elif char not in "\0\ufffd" and unicodedata.category(char)[0] != "C":
            ideograph = any(first <= ord(char) <= last for first, last in IDEOGRAPHS)
            cleaned += f" {char} " if ideograph else char
    letters = [c for c in unicodedata.normalize("NFD", cleaned) if unicodedata.category(c) != "Mn"]
    return "".join(c.lower() for c in letters)


def words(text: str) -> Iterator[str]:
    """Yield what stands between spaces, each punctuation mark alone."""
    word = ""
    for char in text + " ":
        symbol = ord(char) < 128 and char.isprintable() and not char.isalnum() and char != " "
        alone = symbol or unicodedata.category(char)[0] == "P"
        if (char == " " or alone) and word:
            yield word
            word = ""
        if alone:
            yield char
        elif char != " ":
            word += char


def word_pieces(word: str, vocabulary: dict[str, int]) -> list[int]:
    """Return the longest piece from the left, again and again, or one unknown."""
    if len(word) > LONGEST_WORD:
        return [vocabulary["[UNK]"]]
    ids, start = [], 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in vocabulary), None)
        if end is None:
            return [vocabulary["[UNK]"]]
        ids.append(vocabulary[prefix + word[start:end]])
        start = end
    return ids


def encode(ids: Sequence[int], table: dict[str, Any], dim: int) -> Row:
    """Return the direction of the sum of the pieces' rows."""
    total = [0.0] * dim
    for piece in ids:
        if piece in table["pieces"]:
            row = table["pieces"].index(piece)
            for i in range(dim):
                total[i] += table["scales"][row] * table["rows"][row][i]
    length = math.sqrt(sum(number * number for number in total))
    return [number / length for number in total] if length else total


def linear_scores(ids: Sequence[int], vector: Row, head: dict[str, Any]) -> Row:
    """Return the score of each label from words and vector."""
    found = [0xFFFF0000 + piece for piece in ids]
    found += [first * 65536 + second for first, second in itertools.pairwise(ids)]
    counts = Counter(key for key in found if key in head["keys"])
    values = {}
    for key, count in counts.items():
        values[key] = (1 + math.log(count)) * head["idf"][head["keys"].index(key)]
    length = math.sqrt(sum(value * value for value in values.values()))
    scores = []
    for label, bias in enumerate(head["bias"]):
        score = bias
        for key, value in values.items():
            row = head["keys"].index(key)
            score += value / length * head["row_scales"][row] * head["rows"][row][label]
        for weight, number in zip(head["vector_weights"][label], vector, strict=True):
            score += weight * number
        scores.append(score)
    return scores


def cnn_scores(vector: Row, layers: Sequence[dict[str, Any]], weights: dict[str, Any]) -> Row:
    """Return the score of each label from the vector, layer by layer; one row is a flat shape."""
    x: Rows = [vector]
    for index, layer in enumerate(layers):
        mine = {k.partition(".")[2]: v for k, v in weights.items() if k.startswith(f"{index}.")}
        x = LAYERS[layer["type"]](x, layer, mine)
        last = index == len(layers) - 1
        x = x if last else [[activated(number, layer) for number in row] for row in x]
    return x[0]


def activated(number: float, layer: dict[str, Any]) -> float:
    """Return the number after the layer's activation."""
    name = layer.get("activation", "linear")
    if name == "relu":
        return max(0.0, number)
    if name == "tanh":
        return math.tanh(number)
    assert name == "linear", name
    return number


def reshape(x: Rows, layer: dict[str, Any], _: Any) -> Rows:
    """Return the numbers in rows of as many channels as the layer says, or in one row."""
    flat = [number for row in x for number in row]
    width = layer["shape"][-1]
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def padding(x: Rows, layer: dict[str, Any], reach: int) -> tuple[int, int]:
    """Return how many steps come out, and how many are missing on the left, as Keras pads."""
    strides = layer.get("strides", 1)
    if layer["padding"] == "valid":
        return (len(x) - reach) // strides + 1, 0
    steps = math.ceil(len(x) / strides)
    return steps, max(0, (steps - 1) * strides + reach - len(x)) // 2


def conv1d(x: Rows, layer: dict[str, Any], weights: dict[str, Any]) -> Rows:
    """Return at each place the sum of kernel times neighbours, plus the bias."""
    kernel, dilation = weights["kernel"], layer.get("dilation", 1)
    steps, left = padding(x, layer, (len(kernel) - 1) * dilation + 1)
    made = []
    for step in range(steps):
        row = list(weights["bias"])
        for tap, matrix in enumerate(kernel):
            at = step * layer.get("strides", 1) - left + tap * dilation
            if 0 <= at < len(x):
                for number, outs in zip(x[at], matrix, strict=True):
                    row = [sum_ + number * out for sum_, out in zip(row, outs, strict=True)]
        made.append(row)
    return made


def max_pooling1d(x: Rows, layer: dict[str, Any], _: Any) -> Rows:
    """Return the largest number of each window, channel by channel."""
    steps, left = padding(x, layer, layer["size"])
    made = []
    for step in range(steps):
        start = step * layer["strides"] - left
        window = x[max(0, start) : start + layer["size"]]
        made.append([max(channel) for channel in zip(*window, strict=True)])
    return made


def global_average_pooling1d(x: Rows, _: Any, __: Any) -> Rows:
    """Return the mean of each channel."""
    return [[sum(channel) / len(x) for channel in zip(*x, strict=True)]]


def batch_normalization(x: Rows, _: Any, weights: dict[str, Any]) -> Rows:
    """Return each channel times its scale, plus its shift."""
    pairs = list(zip(weights["scale"], weights["shift"], strict=True))
    return [[n * a + b for n, (a, b) in zip(row, pairs, strict=True)] for row in x]


def dense(x: Rows, _: Any, weights: dict[str, Any]) -> Rows:
    """Return each row times the kernel, plus the bias."""
    made = []
    for row in x:
        sums = list(weights["bias"])
        for number, outs in zip(row, weights["kernel"], strict=True):
            sums = [total + number * out for total, out in zip(sums, outs, strict=True)]
        made.append(sums)
    return made


LAYERS = {
    "reshape": reshape,
    "conv1d": conv1d,
    "max_pooling1d": max_pooling1d,
    "global_average_pooling1d": global_average_pooling1d,
    "batch_normalization": batch_normalization,
    "dense": dense,
}


def probabilities(scores: Row, head: dict[str, Any], link: str) -> Row:
    """Return the probability of each label."""
    lines = zip(scores, head["slope"], head["offset"], strict=True)
    z = [score * slope + offset for score, slope, offset in lines]
    if link == "sigmoid":
        return [1 / (1 + math.exp(-number)) for number in z]
    powers = [math.exp(number) for number in z]
    return [power / sum(powers) for power in powers]


def decide(chances: Row, labels: Sequence[dict[str, Any]], *, multiple: bool) -> list[str]:
    """Return the tags, most probable first, the first in order among equals."""
    order = sorted(range(len(chances)), key=lambda label: -chances[label])
    asked = order if multiple else order[:1]
    return [str(labels[i]["name"]) for i in asked if chances[i] >= labels[i]["threshold"]]
