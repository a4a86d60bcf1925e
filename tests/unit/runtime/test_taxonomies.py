"""The taxonomies that come with the project, and what a taxonomy file may not say."""

from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from palimpsest.runtime.errors import UserError
from palimpsest.runtime.taxonomy import AskedCategory, Taxonomy
from palimpsest.study.files import read_recipe
from synthetic_notes import CATEGORIES

FOLDER = Path(__file__).parents[3] / "config" / "taxonomies"
FILES = sorted(FOLDER.glob("*.yaml"))


def read(path: Path) -> Taxonomy:
    return read_recipe(path, TypeAdapter(Taxonomy))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sentence_of_a_taxonomy_stands_in_it_once(path: Path) -> None:
    categories = read(path).categories
    sentences = [text for category in categories for text in category.examples]
    sentences += [miss.text for category in categories for miss in category.near_misses]
    assert len(set(sentences)) == len(sentences)


def test_the_generators_gold_has_the_categories_of_the_taxonomy() -> None:
    taxonomy = read(FOLDER / "alzheimers.yaml")
    assert tuple(category.name for category in taxonomy.categories) == tuple(CATEGORIES)


def test_what_is_told_of_a_taxonomy_has_its_own_fields_alone() -> None:
    asked = read(FOLDER / "alzheimers.yaml").asked().identity()
    assert set(asked) == {"guideline", "none", "categories"}
    assert all(set(category) == set(AskedCategory.model_fields) for category in asked["categories"])
    assert "keywords" not in asked["categories"][0]


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda value: value["categories"].append(value["categories"][0]), "is declared 2 times"),
        (lambda value: value["categories"][0].update(name="none"), "is reserved"),
        (lambda value: value["categories"][0].update(name="With blanks"), "categories.0.name"),
        (lambda value: value["categories"][0].update(colour="red"), "colour"),
        (lambda value: value["categories"][0].pop("definition"), "definition"),
        (lambda value: value.update(categories=[]), "categories"),
    ],
)
def test_a_broken_taxonomy_is_refused_by_key(change, expected: str, tmp_path: Path) -> None:
    value = yaml.safe_load((FOLDER / "social-determinants.yaml").read_text(encoding="utf-8"))
    change(value)
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    with pytest.raises(UserError, match=expected) as caught:
        read(path)
    assert str(path) in str(caught.value)
