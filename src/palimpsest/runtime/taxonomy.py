"""The schema of a taxonomy file: labels with definitions, as an annotation guideline has them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from palimpsest.runtime.labels import ANY, NONE
from palimpsest.runtime.schema import Declared

RESERVED = (NONE, ANY, "all", "overall")  # rows of tables beside the categories

CategoryName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Lower-case letters, digits and `_`; it is the label in tables and answers.",
    ),
]
Texts = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class NearMiss(Declared):
    """A sentence that looks like the category and is not."""

    text: str = Field(min_length=1, description="The sentence.")
    why: str = Field(min_length=1, description="What keeps it out.")


class KeywordCategory(Declared):
    """What finds sentences of a category by their words."""

    name: CategoryName
    keywords: Texts = Field(description="Words and phrases that such sentences often have.")


class DescribedCategory(Declared):
    """What finds sentences near a category."""

    name: CategoryName
    title: str = Field(min_length=1, description="As people write it.")
    definition: str = Field(min_length=1, description="What a sentence must say.")


class AskedCategory(DescribedCategory):
    """What an LLM is told of a category."""

    include: Texts = Field(description="Rules: what belongs here.")
    exclude: Texts = Field(description="Rules: what does not, although it is near.")
    examples: Texts = Field(description="Sentences of the category, written by nobody's patient.")
    near_misses: list[NearMiss] = Field(min_length=1, description="Sentences that are not.")


class Category(AskedCategory, KeywordCategory):
    """One label of a taxonomy."""


class AskedTaxonomy(Declared):
    """What an LLM is told of a taxonomy: an edit of the rest asks nothing again."""

    guideline: str
    none: str
    categories: list[AskedCategory]


class Taxonomy(Declared):
    """Labels with definitions: `config/taxonomies/<name>.yaml`. A text may have several or none."""

    title: str = Field(min_length=1, description="What the labels are about.")
    unit: Literal["sentence"] = Field(description="What is labelled.")
    guideline: str = Field(min_length=1, description="Rules that hold for all categories.")
    none: str = Field(min_length=1, description="What has no category.")
    categories: list[Category] = Field(min_length=1, description="In the order of the tables.")

    @model_validator(mode="after")
    def _names(self) -> "Taxonomy":
        names = [category.name for category in self.categories]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"category '{name}' is declared {names.count(name)} times")
        for name in RESERVED:
            if name in names:
                raise ValueError(f"the name '{name}' is reserved; expected another for a category")
        return self

    def labels(self) -> list[str]:
        """The names of the categories, in their order."""
        return [category.name for category in self.categories]

    def asked(self) -> AskedTaxonomy:
        """What an LLM is told of it."""
        return AskedTaxonomy(
            guideline=self.guideline,
            none=self.none,
            categories=[category.narrowed(AskedCategory) for category in self.categories],
        )
