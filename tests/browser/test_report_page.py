"""The report opens from a disk, on a wide screen and on a phone, in light and in dark."""

import os
from pathlib import Path

import pytest
from looks import picture
from reports_of import report_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
AXE = Path(os.environ.get("PALIMPSEST_AXE") or ROOT / ".axe/node_modules/axe-core/axe.min.js")
REVIEW = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    return report_of(tmp_path_factory.mktemp("results"))


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_screen_and_its_pictures_load(opened, report, width: int, scheme: str) -> None:
    page = opened(report, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    assert page.locator("section h2").count() >= 9
    picture(page, f"report-{scheme}-{width}")


def test_a_phone_shows_score_and_verdict_without_scrolling(opened, report) -> None:
    page = opened(report, viewport={"width": 360, "height": 800})
    table = page.locator("table", has=page.locator("th", has_text="verdict")).first
    for name in ("system", "score (95% interval)", "verdict"):
        box = table.locator("th", has_text=name).first.bounding_box()
        assert box["x"] + box["width"] <= 360, name


def test_reasons_of_a_bar_have_fills_of_their_own(opened, report) -> None:
    page = opened(report)
    fills = page.evaluate(
        """[...document.querySelectorAll(".bar")].map((bar) => [...bar.children].map((one) => {
            const style = getComputedStyle(one);
            return style.backgroundColor + style.backgroundImage;
        }))"""
    )
    assert fills and all(len(set(bar)) == len(bar) for bar in fills)
    keys = page.evaluate(
        """[...document.querySelectorAll(".key")].every((one) =>
            getComputedStyle(one).backgroundColor + getComputedStyle(one).backgroundImage
            !== "rgba(0, 0, 0, 0)none")"""
    )
    assert keys


def violations(page) -> list[str]:
    """What axe finds, with the places. It is run as a user's own script would not be allowed to."""
    if not AXE.exists():
        pytest.skip("needs axe-core by npm: `make test-browser` installs it")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {[node['target'] for node in one['nodes']][:5]}"
        for one in found["violations"]
    ]


@pytest.mark.parametrize("width", [360, 1280])
@REVIEW
def test_the_report_is_accessible(opened, report, width: int, scheme: str) -> None:
    page = opened(report, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.click("summary")
    assert violations(page) == []


@REVIEW
def test_a_review_is_accessible(opened, scheme: str) -> None:
    from test_review_page import begin, page_of

    page = opened(page_of(2, findings=True), color_scheme=scheme)
    assert violations(page) == []
    begin(page, "ab")
    page.keyboard.press("?")
    page.keyboard.press("4")
    assert violations(page) == []
