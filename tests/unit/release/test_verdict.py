"""A verdict is closed: whatever is missing, stale, odd or untold makes it fail."""

import json

import pytest
from tiny_release import Tiny

from palimpsest.release.config import CHECKS, Release
from palimpsest.release.page import render_page
from palimpsest.release.repair import repair
from palimpsest.release.verdict import demand_passed, read_results, verdict
from palimpsest.runtime.errors import UserError
from palimpsest.runtime.files import read_fields, read_table, write_json, write_manifest


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return Tiny(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def clean(tiny):
    return tiny.results()


def said(tiny, paths, read, **more):
    release = tiny.release(**more)
    results = read_results(list(paths.values()))
    return verdict(release, {"given": (results, read)}, None)


def changed(paths, name, **fields):
    """The results with a manifest that says something else."""
    path = paths[name].with_suffix(".json")
    before = path.read_bytes()
    write_manifest(path, {**read_fields(path), **fields})
    return path, before


def test_a_release_without_a_leak_passes(tiny, clean):
    found = said(tiny, *clean)
    assert found["verdict"] == "passed"
    assert [entry["status"] for entry in found["stages"][0]["checks"]] == ["passed"] * len(CHECKS)
    assert "\nNo check found more of the patients than chance explains, and none was missing. " in (
        render_page(found)
    )


def test_a_test_that_could_find_nothing_has_not_passed(tiny, clean):
    paths, read = clean
    tests = read_fields(paths["rare_text"].with_suffix(".json"))["tests"]
    name = next(iter(tests))
    path, before = changed(
        paths, "rare_text", tests={**tests, name: {**tests[name], "able": False}}
    )
    try:
        page = render_page(said(tiny, paths, read))
    finally:
        path.write_bytes(before)
    assert f"| {name} | no test |" in page


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_that_did_not_run_fails(tiny, clean, name):
    paths, read = clean
    found = said(tiny, {key: path for key, path in paths.items() if key != name}, read)
    entry = found["stages"][0]["checks"][CHECKS.index(name)]
    assert found["verdict"] == "failed" and entry["status"] == "did not run"
    assert "Do not hand this over" in render_page(found)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(
    "fields",
    [
        {"read": {"notes": "other", "released": {}}},
        {"release": "other"},
        {"stage": "repaired"},
        {"code": "other"},
        {"lacking": ["too few"]},
        {"tests": {}, "told": {}},
        {
            "tests": {
                "odd": {
                    "p": -1,
                    "attainable": 0,
                    "found": "",
                    "detects": "",
                    "able": True,
                    "numbers": {},
                }
            }
        },
        {
            "tests": {
                "fact": {
                    "p": 0,
                    "attainable": 0,
                    "found": "",
                    "detects": "",
                    "able": True,
                    "numbers": {},
                }
            }
        },
    ],
    ids=["notes", "declaration", "stage", "code", "untold", "nothing", "no p", "fact"],
)
def test_a_result_of_something_else_or_of_nothing_fails(tiny, clean, name, fields):
    paths, read = clean
    path, before = changed(paths, name, **fields)
    try:
        assert said(tiny, paths, read)["verdict"] == "failed"
    finally:
        path.write_bytes(before)


def test_nothing_at_all_fails(tiny, clean):
    assert said(tiny, {}, clean[1])["verdict"] == "failed"


def test_a_result_twice_is_refused(clean):
    paths = [*clean[0].values(), clean[0]["canaries"]]
    with pytest.raises(UserError, match="a second result of the check 'canaries'"):
        read_results(paths)


def test_a_check_that_is_left_out_is_told_and_not_passed(tmp_path):
    reason, tiny = "no canary could be planted in time", Tiny(tmp_path)
    release = tiny.release(without={"canaries": reason})
    assert "canaries" not in release.checks()
    paths, read = tiny.results(without={"canaries": reason})
    found = said(tiny, paths, read, without={"canaries": reason})
    assert found["verdict"] == "passed" and found["left_out"] == {"canaries": reason}
    page = render_page(found)
    assert f"left out by the study: {reason}" in page
    assert (
        "none was missing, but for what the study left out (Planted patients (canaries))." in page
    )


def test_what_the_study_accepts_is_told_as_accepted(tmp_path):
    leaky = Tiny(tmp_path)
    leaky.documents[0]["text"] += f" {leaky.canaries[0].name}"
    paths, read = leaky.results()
    assert said(leaky, paths, read)["verdict"] == "failed"
    accepted = {"canaries": "the canary is known to be in it"}
    found = said(leaky, paths, read, accepted=accepted)
    assert found["verdict"] == "passed"
    assert found["stages"][0]["checks"][2]["status"] == "accepted"
    page = render_page(found)
    assert "the canary is known to be in it" in page
    assert "It passes because the study accepts what it was told of: Planted patients" in page
    assert "No other check found more" in page and "\nNo check found more" not in page
    # but not that it did not run
    del paths["canaries"]
    assert said(leaky, paths, read, accepted=accepted)["verdict"] == "failed"


def test_a_declared_repair_that_is_missing_fails(tiny, clean):
    paths, read = clean
    release = tiny.release(repair="drop_documents")
    results = read_results(list(paths.values()))
    assert verdict(release, {"given": (results, read)}, None)["verdict"] == "failed"


def test_a_repair_drops_what_has_findings_and_says_what_it_took(tmp_path):
    leaky = Tiny(tmp_path)
    leaky.documents[7]["text"] += f" {leaky.canaries[0].name}"
    paths, _ = leaky.results()
    taken = repair(tmp_path / "all.parquet", "all", list(paths.values()), tmp_path / "rest.parquet")
    assert taken == {"documents": 160, "dropped": 1, "tokens": 9600, "tokens_dropped": 60}
    rest = read_table(tmp_path / "rest.parquet", ["text"])["text"].to_pylist()
    assert leaky.documents[7]["text"] not in rest and len(rest) == 159


def test_no_page_and_no_verdict_has_a_text_or_calls_anything_anonymous(tmp_path):
    leaky = Tiny(tmp_path)
    note = leaky.trained[0]
    leaky.documents[0]["text"] = note["text"]
    paths, read = leaky.results()
    found = said(leaky, paths, read)
    span = note["phi"][0]
    for written in (render_page(found), json.dumps(found)):
        assert note["text"][span["start"] : span["end"]] not in written
        assert note["text"].split()[-3] not in written
        assert "anonym" not in written.lower()


def test_an_export_demands_a_verdict_that_passed_on_this_corpus(tiny, clean, tmp_path):
    paths, read = clean
    path, sha256 = tmp_path / "shared.json", read["released"]["corpus.all"]
    write_json(path, said(tiny, paths, read))
    demand_passed(path, "all", sha256)
    with pytest.raises(UserError, match="is of another corpus 'all'"):
        demand_passed(path, "all", "other")
    write_json(path, said(tiny, {}, read))
    with pytest.raises(UserError, match="did not pass"):
        demand_passed(path, "all", sha256)
    write_json(path, [])
    with pytest.raises(UserError, match="did not pass"):
        demand_passed(path, "all", sha256)
    path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        demand_passed(path, "all", sha256)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"corpora": []}, "to give away"),
        ({"roster": None}, "expected a 'roster'"),
        ({"attributes": []}, "expected 'attributes'"),
        ({"without": {"canaries": "no"}}, "at least 10 characters"),
        (
            {"without": {"canaries": "no time for it"}, "accepted": {"canaries": "no time for it"}},
            "both left out and accepted",
        ),
    ],
)
def test_a_declaration_that_leaves_a_gap_is_refused(tiny, fields, message):
    with pytest.raises(ValueError, match=message):
        Release.model_validate(tiny.release().model_dump() | fields)
