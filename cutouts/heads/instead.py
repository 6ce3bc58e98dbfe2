"""The class of a Keras layer that no browser runs in; why not, and what to use instead, out."""

from __future__ import annotations

CHAIN = "use a Sequential model: one layer after the other"
NO_SHAPE = "begin it with keras.Input((dim,))"
CONVOLVE = "use Conv1D, then GlobalMaxPooling1D or Flatten"
ONE_DIMENSION = "use the same layer in one dimension (Conv1D, MaxPooling1D, ...)"

Advice = tuple[str, str]  # why it cannot run, what to use instead

RECURRENT = ("the runtime has no recurrent layers", CONVOLVE)
ATTENTION = ("the runtime has no attention", CONVOLVE)
IMAGE = ("its input has more than two axes", ONE_DIMENSION)
MERGE = ("it joins branches, the runtime runs one chain of layers", CHAIN)
NORMALISE = ("the runtime normalises by fixed numbers", "use BatchNormalization")
CONVOLUTION = ("the runtime has no such convolution", "use Conv1D")
NESTED = ("it is a model within the model", "put its layers in one by one")
TEXT = ("the head reads a vector, not text", "leave it out: the input is a text's vector")
CODE = ("it holds Python code", "use Activation, Dense or BatchNormalization")

ADVICE: dict[str, Advice] = {
    "LSTM": RECURRENT,
    "GRU": RECURRENT,
    "RNN": RECURRENT,
    "Bidirectional": RECURRENT,
    "TimeDistributed": (
        "the runtime has no layers around layers",
        "use the layer itself: Dense goes over the last axis",
    ),
    "Embedding": (
        "the head reads a vector, not numbers of words",
        "leave it out: the input is a text's vector, Reshape((dim, 1)) makes steps of it",
    ),
    "Lambda": CODE,
    "TextVectorization": TEXT,
    "StringLookup": TEXT,
    "LayerNormalization": NORMALISE,
    "RMSNormalization": NORMALISE,
    "GroupNormalization": NORMALISE,
    "UnitNormalization": (
        NORMALISE[0],
        "leave it out: the input has length 1, or use BatchNormalization",
    ),
    "SeparableConv1D": CONVOLUTION,
    "DepthwiseConv1D": CONVOLUTION,
    "Conv1DTranspose": CONVOLUTION,
    "ZeroPadding1D": (
        "the runtime pads only as part of another layer",
        "use padding='same' in the layer that follows",
    ),
    "PReLU": ("its slope is learned", "use ReLU or LeakyReLU(negative_slope=0.2)"),
    "Sequential": NESTED,
    "Functional": NESTED,
}
FAMILIES: tuple[tuple[tuple[str, ...], Advice], ...] = (
    (("2D", "3D"), IMAGE),
    (("LSTM", "GRU", "RNN"), RECURRENT),
    (("Attention",), ATTENTION),
    (("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"), MERGE),
)
ELSEWHERE: dict[str, Advice] = {  # classes of other packages
    "KerasLayer": (
        "it is a network of TensorFlow Hub, code and weights of its own",
        "leave it out: the input is a text's vector, and --encoder makes it",
    ),
}


def why_and_instead(kind: str, *, of_keras: bool) -> Advice:
    """Return why this class cannot run and what to use; the latter is empty where any layer may do."""
    if not of_keras:
        return ELSEWHERE.get(kind, ("its class is not one of Keras, so its code is unknown", ""))
    if kind in ADVICE:
        return ADVICE[kind]
    for parts, advice in FAMILIES:
        if any(part in kind for part in parts):
            return advice
    return ("the runtime has no such layer", "")
