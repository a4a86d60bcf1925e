"""What people review, as a study declares it."""

from pydantic import Field, model_validator

from palimpsest.runtime.schema import Declared, Name, Positive


class Review(Declared):
    """A page on which people judge a sample of what an LLM wrote or labelled."""

    name: Name = Field(description="It makes `<results>/review/<name>.html`.")
    corpus: str | None = Field(
        None, description="A corpus with parts of kind `rephrases` or `synthetic_notes`."
    )
    dataset: str | None = Field(None, description="A dataset that an LLM labels or writes.")
    judge: str | None = Field(
        None,
        description="A declared judge of a source of the corpus. Only what it judged is drawn, and "
        "what it claimed goes into the saved answers, to be compared; nobody is shown it.",
    )
    items: Positive = Field(200, description="Documents or sentences; a larger sample has the same")

    @model_validator(mode="after")
    def _of_one(self) -> "Review":
        if (self.corpus is None) == (self.dataset is None):
            raise ValueError("expected either 'corpus' or 'dataset'")
        if self.judge is not None and self.corpus is None:
            raise ValueError("'judge' is of rephrases; expected it beside 'corpus'")
        return self


class ReviewSpec(Declared):
    """What a page depends on besides its tables. titles: of a dataset's labels, by name."""

    review: str
    items: int
    seed: int
    titles: dict[str, str]
