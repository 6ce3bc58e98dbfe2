"""A block of texts goes in, the same rows with pieces and vectors come out: what each worker does."""

from __future__ import annotations

from dataclasses import replace

from cutouts.embed.blocks import Block
from cutouts.embed.columns import pack, shard_schema
from cutouts.embed.plan import Recipe
from cutouts.encoders.embeddings import encode_without_keeping


class Stage:
    """An encoder, loaded once, that turns block after block."""

    def __init__(self, recipe: Recipe, *, labelled: bool) -> None:
        """Load the encoder; raises EncoderError when its files do not fit together."""
        self._encoder = recipe.load()
        self._schema = shard_schema(recipe.description.dim, recipe.numbers, labelled=labelled)

    def __call__(self, block: Block) -> Block:
        """Return the block encoded; one without texts as it is."""
        if block.batch is None:
            return block
        pieces = self._encoder.tokenizer.pieces(block.batch["text"].to_pylist())
        vectors = encode_without_keeping(self._encoder, pieces)
        return replace(block, batch=pack(block.batch, vectors, pieces, self._schema))
