"""A size as people write it in, its bytes out: what `--max-bytes` says."""

import argparse


def byte_count(text: str) -> int:
    """Return the bytes that `3000000`, `800kB` or `3MB` say (1 MB is 1,000,000 bytes)."""
    for unit, size in (("kb", 1_000), ("mb", 1_000_000), ("b", 1), ("", 1)):
        number = text.lower().removesuffix(unit)
        if text.lower().endswith(unit) and number.replace(".", "", 1).isdecimal():
            return int(min(float(number) * size, 1e18))
    raise argparse.ArgumentTypeError(f"{text!r} is no size: write 3000000, 800kB or 3MB")
