"""The vendors' machine-readable contracts, which are not part of this project: where they are, and what is said where they are not."""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "specs"
NOT_CHECKED = (
    "The vendors' contracts were NOT checked: no specs found. Set BILLHOOK_SPECS to their folder, or put them into ../shared/specs."
)


def specs_folder() -> Path | None:
    """``BILLHOOK_SPECS``, else ``../shared/specs`` beside the checkout; None where neither is a folder."""
    given = os.environ.get("BILLHOOK_SPECS")
    folder = Path(given) if given else _BESIDE
    return folder if folder.is_dir() else None
