"""Several files of safetensors become one with the same tensors."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from palimpsest.runtime.errors import UserError
from palimpsest.weights.safetensors import ALIGNMENT, merge, read_header

TENSORS = [
    {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.array(7, np.int64)},
    {"odd": np.arange(5, dtype=np.uint8)},
    {"empty": np.zeros((0, 4), np.float16), "last": np.full((3,), -1.5, np.float16)},
]


@pytest.fixture
def parts(tmp_path):
    paths = [tmp_path / f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    for path, tensors in zip(paths, TENSORS, strict=True):
        save_file(tensors, path, metadata={"format": "pt", "part": path.name})
    return paths


def test_the_library_reads_the_same_tensors_from_the_one_file(parts, tmp_path):
    target = tmp_path / "out" / "model.safetensors"
    merge(parts, target)
    merged = load_file(target)
    wanted = {name: tensor for tensors in TENSORS for name, tensor in tensors.items()}
    assert merged.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert merged[name].dtype == tensor.dtype and merged[name].shape == tensor.shape
        np.testing.assert_array_equal(merged[name], tensor)
    assert read_header(target)[1] % ALIGNMENT == 0
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_the_same_files_give_the_same_bytes(parts, tmp_path):
    targets = [tmp_path / name for name in ("one.safetensors", "two.safetensors")]
    for target in targets:
        merge(parts, target)
    assert targets[0].read_bytes() == targets[1].read_bytes()


def refused(parts, target, match):
    with pytest.raises(UserError, match=match):
        merge(parts, target)
    assert not target.parent.exists()


def test_a_tensor_that_two_files_have_is_named(parts, tmp_path):
    save_file({"odd": np.zeros(2, np.int8)}, parts[2])
    refused(parts, tmp_path / "out/model.safetensors", "00003-of-00003.*tensor 'odd'")


@pytest.mark.parametrize("length", [0, 5, 8, 40, -1])
def test_a_truncated_file_is_named(parts, tmp_path, length):
    parts[1].write_bytes(parts[1].read_bytes()[:length])
    refused(parts, tmp_path / "out/model.safetensors", "00002-of-00003.*expected safetensors")


@pytest.mark.parametrize(
    "content", [b"[]", b'"text"', b'{"a": 1}', b'{"a": {"dtype": "F32"}}', b"no json"]
)
def test_a_header_that_is_none_is_named(parts, tmp_path, content):
    parts[1].write_bytes(len(content).to_bytes(8, "little") + content)
    refused(parts, tmp_path / "out/model.safetensors", "00002-of-00003.*expected safetensors")


def test_bytes_behind_the_last_tensor_are_refused(parts, tmp_path):
    parts[0].write_bytes(parts[0].read_bytes() + b"more")
    refused(parts, tmp_path / "out/model.safetensors", "00001-of-00003.*expected safetensors")
