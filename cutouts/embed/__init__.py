"""Corpora that outgrow memory in, a folder of Parquet shards with their vectors out, and read."""

from cutouts.embed.run import Embedded, Engine, Layout, embed
from cutouts.embed.shards import Batch, Shards, is_embedded, read_shards

__all__ = ["Batch", "Embedded", "Engine", "Layout", "Shards", "embed", "is_embedded", "read_shards"]
