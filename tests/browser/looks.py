"""Pictures of pages, where somebody wants to look: PALIMPSEST_SCREENSHOTS names a folder."""

import os
from pathlib import Path


def picture(page, name: str) -> None:
    """Save a picture of the whole page, if that is asked for."""
    if folder := os.environ.get("PALIMPSEST_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
