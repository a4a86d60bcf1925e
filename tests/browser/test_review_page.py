"""People judge items with the keyboard; what they save is read back, and says what they said."""

import random
import re
from pathlib import Path

import pytest
from looks import picture
from sklearn.metrics import cohen_kappa_score

from palimpsest.reviews.answers import VERDICTS, read_answers, report
from palimpsest.reviews.config import ReviewSpec
from palimpsest.reviews.items import numbered
from palimpsest.reviews.page import render_review

pytestmark = pytest.mark.slow
ITEMS = 200
GIVEN = "Admitted with <b>chest pain</b> & dyspnea. Aspirin 81 mg 😀 daily. Left arm pain."
WRITTEN = "Came in with <b>chest pain</b>. Aspirin 18 mg 😀 daily. Right arm pain. She smokes."


def item(number: int, findings: bool) -> dict:
    def span(text: str, word: str) -> list[int]:
        return [text.index(word), text.index(word) + len(word)]

    dose = {"type": "dose", "status": "changed", "a": span(GIVEN, "81"), "b": span(WRITTEN, "18")}
    added = {"type": "problem", "status": "added", "a": [-1, -1], "b": span(WRITTEN, "She smokes")}
    return {
        "id": f"{number:016x}", "unit": f"note-{number // 2}", "text": WRITTEN, "given": GIVEN,
        "context": "</script><b>Age 64" if number == 0 else "", "made": "alpha · plain",
        "place": f"note-{number // 2}:0-70", "findings": [dose, added] if findings else [],
        "rules": True, "kept": 7, "judge": "found" if number == 0 else "",
    }  # fmt: skip


def page_of(count: int, findings: bool = False) -> str:
    items = numbered([item(number, findings and number == 0) for number in range(count)])
    return render_review(ReviewSpec(review="mixed", items=count, seed=1, titles={}), items)


def begin(page, who: str) -> None:
    page.fill("#who", who)
    page.keyboard.press("Enter")


def save(page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.keyboard.press("s")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_two_annotators_answer_all_items_by_keyboard_and_kappa_is_the_planted_one(
    opened, tmp_path: Path
) -> None:
    draw = random.Random(17)
    planted = [[draw.choice(VERDICTS) for _ in range(ITEMS)]]
    planted.append([one if draw.random() < 0.7 else draw.choice(VERDICTS) for one in planted[0]])
    page = opened(page_of(ITEMS))
    for who, said in zip(("ab", "cd"), planted, strict=True):
        begin(page, who)
        for verdict in said:
            page.keyboard.press(draw.choice([str(VERDICTS.index(verdict) + 1), verdict[0]]))
        assert f"{who}: all {ITEMS} answered" in page.inner_text("#progress")
        page.click("#other")
    begin(page, "cd")
    saved = save(page, tmp_path)
    answers = read_answers([saved])
    for who, said in zip(("ab", "cd"), planted, strict=True):
        assert [one.verdict for one in answers if one.annotator == who] == said
    text = saved.read_text(encoding="utf-8")
    assert not any(word in text for word in ("note-", "chest", "Aspirin"))
    printed = report([saved])
    found = re.search(r"kappa of verdicts +(\S+) \((\S+)-(\S+)\)", printed)
    assert found, printed
    expected = cohen_kappa_score(*planted)
    assert float(found[1]) == round(expected, 3)
    assert float(found[2]) < expected < float(found[3])


def test_saved_answers_are_read_back_by_the_page_and_another_page_refuses_them(
    opened, tmp_path: Path
) -> None:
    page = opened(page_of(3))
    begin(page, "ab")
    for key in "123":
        page.keyboard.press(key)
    saved = save(page, tmp_path)
    again = opened(page_of(3))  # another profile: it knows nothing of the first
    again.set_input_files("#load", saved)
    again.wait_for_function("document.getElementById('told').textContent !== ''")
    assert "3 answers of ab read" in again.inner_text("#told")
    begin(again, "ab")
    assert "all 3 answered" in again.inner_text("#progress")
    other = opened(page_of(4))
    other.set_input_files("#load", saved)
    other.wait_for_function("document.getElementById('told').textContent !== ''")
    assert "of another page" in other.inner_text("#told")


def test_findings_are_judged_one_by_one_before_the_whole(opened, tmp_path: Path) -> None:
    page = opened(page_of(2, findings=True))
    begin(page, "ab")
    assert "alpha" in page.inner_text("#made")
    assert page.inner_text("#rules") == "By rules: 7 facts kept, 2 findings."
    assert page.locator("#left .found").all_inner_texts() == ["811"]  # with its number
    assert page.locator("#right .found").all_inner_texts() == ["181", "She smokes2"]
    for key in "414":
        page.keyboard.press(key)
    assert "Item 2 of 2" in page.inner_text("#where")
    answers = read_answers([save(page, tmp_path)])
    assert [(one.target, one.rules, one.judge, one.verdict, one.blind) for one in answers] == [
        ("1", "changed", "", "change", False), ("2", "added", "", "faithful", False),
        ("whole", "found", "found", "change", False),
    ]  # fmt: skip


def test_blind_findings_stand_there_once_the_whole_is_judged(opened, tmp_path: Path) -> None:
    page = opened(page_of(2, findings=True))
    page.check("#blind")
    begin(page, "ab")
    assert page.inner_text("#made") == "" and page.inner_text("#rules") == ""
    assert page.locator(".text .found").count() == 0
    assert page.locator("#findings li").count() == 0
    page.keyboard.press("2")
    assert page.locator("#findings li").count() == 2
    assert "Finding 1" in page.inner_text("#asked") and page.inner_text("#made") == ""
    for key in "41":
        page.keyboard.press(key)
    assert "Item 2 of 2" in page.inner_text("#where")
    page.keyboard.press("1")
    page.keyboard.press("ArrowLeft")
    answers = read_answers([save(page, tmp_path)])
    assert [(one.target, one.verdict, one.blind) for one in answers] == [
        ("1", "change", False), ("2", "faithful", False), ("whole", "omission", True),
        ("whole", "faithful", True),
    ]  # fmt: skip
    page.keyboard.press("3")  # who has seen the findings is not blind any more
    changed = read_answers([save(page, tmp_path)])
    assert [(one.verdict, one.blind) for one in changed if one.target == "whole"] == [
        ("addition", False), ("faithful", True),
    ]  # fmt: skip


def test_text_is_shown_as_it_is_and_is_never_markup(opened) -> None:
    page = opened(page_of(1))
    begin(page, "ab")
    assert page.inner_text("#left") == GIVEN
    assert page.inner_text("#right") == WRITTEN
    page.click("#context summary")
    assert page.inner_text("#context p") == "</script><b>Age 64"
    assert page.locator("#left .only-left").first.inner_text() in GIVEN


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(opened, width: int, scheme: str) -> None:
    page = opened(
        page_of(2, findings=True),
        viewport={"width": width, "height": 800}, color_scheme=scheme,
    )  # fmt: skip
    begin(page, "ab")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"review-{scheme}-{width}")
