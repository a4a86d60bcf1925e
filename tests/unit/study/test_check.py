"""`palimpsest check` says what Snakemake's own parser does not: the line, and what never ends."""

import sys
from pathlib import Path

import pytest

from palimpsest.__main__ import main

ROOT = Path(__file__).parents[3]
BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{number}: &a{number} {{p: *a{number - 1}, q: *a{number - 1}}}\n" for number in range(1, 40)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("results: results\nseed: [1\nsplits: 3\n", "study.yaml:3: not valid YAML"),
        ("results: results\n\tseed: 1\n", "study.yaml:2: not valid YAML"),
        ("seed: 1\nseed: 2\n", "study.yaml:2: key 'seed' stands twice"),
        (BOMB, "values by its aliases"),
        ("results: results\n", "study.yaml: seed: missing"),
        ("__use_yte__: true\nseed: ?print(1)\n", "Snakemake would run the Python in it"),
    ],
)
def test_a_mistake_is_told_with_its_line_or_key(text, told, tmp_path, monkeypatch, capsys):
    study = tmp_path / "study.yaml"
    study.write_text(text)
    monkeypatch.setattr(sys, "argv", ["palimpsest", "check", str(study)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1 and told in capsys.readouterr().err


def test_the_demo_has_no_mistake(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["palimpsest", "check", "config/config.yaml"])
    main()
    assert capsys.readouterr().out == "config/config.yaml: no mistake found\n"
