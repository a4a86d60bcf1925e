"""What a killed training is resumed from."""

import pytest
import torch

from palimpsest.pretraining.state import COMPLETE, last_checkpoint, load_state, save_state
from palimpsest.pretraining.training import optimizer_of
from palimpsest.runtime.checkpoints import described
from palimpsest.runtime.files import write_json


def checkpoint(folder, step, complete):
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    (path / "state.safetensors").write_text("weights")
    if complete:
        write_json(path / COMPLETE, described(path, ["state.safetensors"])["files"])
    return path


def test_the_newest_complete_checkpoint_is_taken_and_incomplete_ones_go(tmp_path):
    assert last_checkpoint(tmp_path) is None
    checkpoint(tmp_path, 9, complete=True)
    newest = checkpoint(tmp_path, 100, complete=True)
    broken = checkpoint(tmp_path, 200, complete=False)
    older = checkpoint(tmp_path, 50, complete=False)
    assert last_checkpoint(tmp_path) == newest
    assert not broken.exists() and not older.exists()
    assert (tmp_path / "checkpoint-9").exists()


def test_a_checkpoint_that_changed_since_is_not_resumed_from(tmp_path, capsys):
    older, newer = (checkpoint(tmp_path, step, complete=True) for step in (9, 20))
    assert last_checkpoint(tmp_path) == newer
    (newer / "state.safetensors").write_text("weightz")
    assert last_checkpoint(tmp_path) == older and not newer.exists()
    assert "checkpoint-20: damaged, so it is not resumed from" in capsys.readouterr().err
    (older / COMPLETE).write_text("{")
    assert last_checkpoint(tmp_path) is None


def test_a_folder_that_is_not_there_has_no_checkpoint(tmp_path):
    assert last_checkpoint(tmp_path / "gone") is None


def stepped(model, optimizer, times):
    for _ in range(times):
        (model(torch.ones(2, 3)) ** 2).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    return [weight.clone() for weight in model.parameters()]


def model_of(seed):
    torch.manual_seed(seed)
    model = torch.nn.Linear(3, 4)
    return model, optimizer_of(model, 0.1)


def test_a_state_goes_on_as_if_nothing_had_been(tmp_path):
    model, optimizer = model_of(0)
    stepped(model, optimizer, 3)
    save_state(tmp_path, 3, model, optimizer, [{"step": 3, "loss": 0.1}])
    undisturbed = stepped(model, optimizer, 3)
    other, fresh = model_of(1)
    step, curve = load_state(tmp_path / "checkpoint-3", other, fresh)
    assert (step, curve) == (3, [{"step": 3, "loss": 0.1}])
    for one, two in zip(undisturbed, stepped(other, fresh, 3), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize("saved", [1, 2, 5])
def test_two_states_are_kept(tmp_path, saved):
    model, optimizer = model_of(0)
    stepped(model, optimizer, 1)
    for step in range(1, saved + 1):
        save_state(tmp_path, step, model, optimizer, [])
    kept = {f"checkpoint-{step}" for step in range(max(1, saved - 1), saved + 1)}
    assert {path.name for path in tmp_path.iterdir()} == kept
