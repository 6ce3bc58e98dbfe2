"""The built web part in, its files inside the wheel out; without it no wheel is built."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEEDED = (
    *("index.html", "library.html", "prove.html", "service.js"),
    *("runtime/index.js", "runtime/worker.js", "library/index.js", "library/worker.js"),
    *("extension/chromium.json", "extension/firefox.json"),
)


class WebPart(BuildHookInterface):  # type: ignore[type-arg]  # its configuration is not used
    """Puts `cutouts/webapp`, which git ignores, into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add every file of the web part to the wheel; an editable install reads it in place."""
        if self.target_name != "wheel" or version == "editable":
            return
        webapp = Path(self.root) / "cutouts" / "webapp"
        missing = [name for name in NEEDED if not (webapp / name).is_file()]
        if missing:
            raise FileNotFoundError(
                f"cutouts/webapp lacks {', '.join(missing)}: run make web, then build the wheel"
            )
        for file in sorted(webapp.rglob("*")):
            path = file.relative_to(webapp)
            if file.is_file() and not any(part.startswith(".") for part in path.parts):
                build_data["force_include"][str(file)] = f"cutouts/webapp/{path.as_posix()}"
