"""Draw the page of a review."""

import hashlib
from pathlib import Path

from palimpsest.pages.page import as_json, render
from palimpsest.reviews.config import ReviewSpec
from palimpsest.runtime.rows import Row

HERE = Path(__file__).parent


def render_review(spec: ReviewSpec, items: list[Row]) -> str:
    """The page as HTML: same items, same bytes."""
    data: Row = {"items": items, "review": spec.review, "titles": spec.titles}
    data["sentences"] = any("labels" in item for item in items)
    # Answers belong to these items: of another page they are refused.
    data["page"] = hashlib.sha256(as_json(data).encode()).hexdigest()[:12]
    return render(
        HERE / "review.html",
        HERE / "review.css",
        HERE / "review.js",
        title=f"Review {spec.review}",
        review=spec.review,
        count=len(items),
        sentences=data["sentences"],
        data=data,
    )
