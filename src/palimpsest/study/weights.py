"""Where weights come from."""

import re

from pydantic import Field, model_validator

from palimpsest.study.fields import Declared


class Weights(Declared):
    """Where weights come from: exactly one of `package`, `hub` and `path`."""

    package: str | None = Field(None, description="An installed Python package with the weights.")
    file: str | None = Field(
        None, description="With `package`: the GGUF file or the folder inside it."
    )
    hub: str | None = Field(None, description="A hub id such as `mistralai/Mistral-7B-v0.3`.")
    revision: str | None = Field(None, description="With `hub`: the pinned commit, 40 hex digits.")
    path: str | None = Field(None, description="A local folder with safetensors and a tokenizer.")

    @model_validator(mode="after")
    def _one_origin(self) -> "Weights":
        if sum(value is not None for value in (self.package, self.hub, self.path)) != 1:
            raise ValueError("expected exactly one of 'package', 'hub' and 'path'")
        if self.package and not self.file:
            raise ValueError("'package' needs 'file', the GGUF file or folder inside the package")
        if self.hub and not re.fullmatch(r"[0-9a-f]{40}", self.revision or ""):
            raise ValueError("'hub' needs 'revision', the full commit (40 hex digits)")
        return self
