"""The built web part in, the browser extension without a model out: dist/extension, sizes printed."""

from pathlib import Path

from cutouts.extension import build_extension

OUT = Path("dist/extension")
LIMIT = 4 << 20  # bytes of a zip without a model


def main() -> None:
    """Build both extensions, and fail when one is too large."""
    for archive in build_extension(None, OUT):
        size = archive.stat().st_size
        print(f"{OUT / archive.stem}, {OUT / archive.name}: {size:,} bytes")
        if size > LIMIT:
            raise SystemExit(f"{archive.name} has {size:,} bytes, expected at most {LIMIT:,}")


if __name__ == "__main__":
    main()
