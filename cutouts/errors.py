"""What a user can cause: one hierarchy, each error one line that names the thing and the repair."""


class CutoutsError(Exception):
    """Anything a user can cause and repair; the command line prints it as one line."""


class UsageError(CutoutsError):
    """The call itself is wrong: an option, an argument, a name (exit code 2)."""


class CorpusError(CutoutsError):
    """The labelled text cannot be read or cannot be learned from."""


class RowError(CorpusError):
    """One row cannot be read; an iterator that raised it can be asked for the row behind it."""

    def __init__(self, message: str, kind: str = "malformed") -> None:
        """Take the message, and what is wrong in a word: large, undecodable or malformed."""
        super().__init__(message)
        self.kind = kind


class LibraryError(CutoutsError):
    """The library's file is missing, locked, damaged, no library, or of a newer version."""


class AssetError(CutoutsError):
    """A pinned file is missing everywhere, or what was found has another hash."""


class EncoderError(CutoutsError):
    """The encoder cannot be built or does not fit what is asked of it."""


class EmbedError(CutoutsError):
    """Shards of vectors cannot be written, or what is read as such is damaged or of others."""


class HeadError(CutoutsError):
    """The head cannot be trained, or holds something that no browser can run."""


class BundleError(CutoutsError):
    """The bundle is damaged, incomplete, or of a newer format."""


class ProofError(CutoutsError):
    """A browser is missing, died, or gave other answers than Python."""


class ServeError(CutoutsError):
    """The page cannot be served: a taken port, a missing web part."""


class ExportError(CutoutsError):
    """The bundle cannot be written in another format, or its folder is not ours."""
