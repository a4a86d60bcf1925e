"""A verdict is closed: each input that is taken away makes it fail, or stops the job."""

import pytest
from whole_release import Whole

from palimpsest.release.config import CHECKS
from palimpsest.runtime.errors import UserError


@pytest.fixture
def whole(tmp_path):
    return Whole(tmp_path)


def reasons(said, name):
    (entry,) = [entry for entry in said["stages"][0]["checks"] if entry["check"] == name]
    return "; ".join(entry["reasons"])


def test_with_all_inputs_it_passes(whole):
    said = whole.judged()
    assert said["verdict"] == "passed", said["stages"]
    assert {entry["status"] for entry in said["stages"][0]["checks"]} == {"passed"}


def test_without_the_notes_no_check_runs(whole):
    whole.notes_path.unlink()
    with pytest.raises(UserError, match="notes"):
        whole.judged()


@pytest.mark.parametrize("name", ["corpora", "datasets"])
def test_without_a_corpus_or_a_dataset_no_check_runs(whole, name):
    setattr(whole, name, [])
    with pytest.raises(UserError, match=f"--{name}: these are \\[\\], expected"):
        whole.judged()


@pytest.mark.parametrize("name", CHECKS)
def test_without_a_checkpoint_each_check_fails(whole, name):
    whole.checkpoints = []
    said = whole.judged([name])
    assert said["verdict"] == "failed"
    assert "checkpoint.small.all.0" in reasons(said, name)


@pytest.mark.parametrize(("at", "names"), [(0, ["membership", "canaries"]), (1, ["membership"])])
def test_without_losses_nobody_can_tell_what_a_checkpoint_knows(whole, at, names):
    del whole.losses[at]
    said = whole.judged(names)
    for name in names:
        assert "no losses of small on" in reasons(said, name)


def test_without_a_file_of_the_roster_identifiers_are_not_looked_for(whole):
    whole.roster[0].unlink()
    with pytest.raises((UserError, OSError)):
        whole.judged(["identifiers"])
    whole.roster = []
    with pytest.raises(UserError, match="names no patient of the source"):
        whole.judged(["identifiers"])


def test_a_roster_that_lacks_a_patient_cannot_tell(whole):
    whole.write_roster(whole.notes[1:])
    assert "nothing of 1 of 160 used patients" in reasons(
        whole.judged(["identifiers"]), "identifiers"
    )


def test_without_canaries_it_cannot_be_told(whole):
    whole.planted = 0
    assert "no canary was planted" in reasons(whole.judged(["canaries"]), "canaries")


@pytest.mark.parametrize("name", ["identifiers", "rare_text", "membership", "attributes"])
def test_without_a_control_group_it_cannot_be_told(whole, name):
    for note in whole.notes:
        note["split"] = "train"
    whole.write()
    assert "the control group has 0 patients" in reasons(whole.judged([name]), name)
