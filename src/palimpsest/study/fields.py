"""Field types and the base class that the study and recipe schemas share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Names become parts of paths and of shell commands.
Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="Letters, digits, `_` and `-`; it becomes part of paths.",
    ),
]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]


class Declared(BaseModel):
    """A declared object: unknown keys are refused, values are not changed after loading."""

    # Infinity and NaN have no JSON, so an object that held one could have no identity.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)
