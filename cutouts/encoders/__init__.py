"""Encoders: texts to word pieces to vectors, the same in Python and in a browser."""

from cutouts.encoders.description import Description, Encoder, Matrix, Progress
from cutouts.encoders.kept import read_encoder
from cutouts.encoders.store import ENCODERS, load_encoder, load_teacher
from cutouts.encoders.tokenizer import MAX_CHARS, Pieces, Tokenizer

__all__ = [
    "ENCODERS",
    "MAX_CHARS",
    "Description",
    "Encoder",
    "Matrix",
    "Pieces",
    "Progress",
    "Tokenizer",
    "load_encoder",
    "load_teacher",
    "read_encoder",
]
