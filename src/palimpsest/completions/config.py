"""The schema of an LLM file.

`engine` holds tuning that never changes a completion (batch sizes, memory shares, numbers of GPUs).
Everything else is identity: changing it rebuilds what lies downstream.
"""

from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, field_validator, model_validator

from palimpsest.completions.engines import ENGINES
from palimpsest.completions.tuning import (
    proxy_mistake,
    url_mistake,
    variable_mistake,
    vllm_mistake,
)
from palimpsest.runtime.schema import (
    DataUse,
    Declared,
    Licence,
    Name,
    Positive,
    PositiveFloat,
    Share,
    Weights,
)

Backend = Literal[*ENGINES]  # an engine of the registry: a new one is added there alone

Options = dict[str, Any]  # by name, as a library takes them


class Chat(Declared):
    """How messages become the tokens of one chat turn."""

    system_role: bool = Field(
        True, description="False for templates without one: the system text goes before the user's."
    )
    template_options: Options = Field(
        default_factory=dict,
        description="Passed to the chat template, such as `enable_thinking: false`.",
    )
    date: str | None = Field(
        None,
        description="The day that a chat template gets which writes today's, such as `2026-01-31`: "
        "else the same request would be another prompt tomorrow.",
    )

    @field_validator("date", mode="before")
    @classmethod
    def _a_day(cls, value: Any) -> Any:
        """YAML reads a date as one; a datetime is none."""
        if type(value) is date:
            return value.isoformat()
        try:
            return value if value is None else date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            raise ValueError("expected a day such as 2026-01-31") from None

    def identity(self) -> Options:
        """A day counts where one is declared: other LLMs are what they were before there was it."""
        values = super().identity()
        return values if self.date else {key: values[key] for key in values if key != "date"}

    @field_validator("template_options")
    @classmethod
    def _as_json(cls, value: Options) -> Options:
        """YAML has dates, JSON has none: an option is what its JSON says, everywhere."""
        as_json: Options = TypeAdapter(Options).dump_python(value, mode="json")
        return as_json


class Sampling(Declared):
    """How the next token is drawn."""

    temperature: float = Field(0.7, ge=0, description="0 takes the likeliest token.")
    top_p: float = Field(1.0, gt=0, le=1, description="1 keeps all tokens.")
    top_k: int = Field(0, ge=0, description="0 keeps all tokens.")
    min_p: Share = Field(
        0.0,
        description="Drops tokens less likely than this share of the likeliest one; 0 keeps all.",
    )
    repetition_penalty: PositiveFloat = Field(
        1.0, description="Divides the scores of tokens that occurred; 1 changes nothing."
    )
    seed: int = Field(
        0, description="Every request derives its own seed from this one and its content."
    )

    def identity(self) -> Options:
        """`min_p` counts where it is declared: others are what they were before there was it."""
        values = super().identity()
        return values if self.min_p else {key: values[key] for key in values if key != "min_p"}

    def parameters(self) -> dict[str, float]:
        """Everything but the seed, by the names that vLLM has for it."""
        return self.model_dump(exclude={"seed"})


DECLARED = "declared"  # the sampling that an LLM's file says


class SamplingVariant(Declared):
    """Another sampling for a pilot: what it does not say is as the LLM's file says it."""

    name: Name = Field(description=f"It becomes part of paths; not `{DECLARED}`.")
    temperature: float | None = Field(None, ge=0, description="As of an LLM file.")
    top_p: float | None = Field(None, gt=0, le=1, description="As of an LLM file.")
    top_k: int | None = Field(None, ge=0, description="As of an LLM file.")
    min_p: Share | None = Field(None, description="As of an LLM file.")
    repetition_penalty: PositiveFloat | None = Field(None, description="As of an LLM file.")

    @field_validator("name")
    @classmethod
    def _free(cls, value: str) -> str:
        if value == DECLARED:
            raise ValueError(f"the name '{value}' is that of the LLM file's own sampling")
        return value

    def of(self, sampling: Sampling) -> Sampling:
        """The sampling of an LLM with what this one says."""
        said = self.model_dump(exclude={"name"}, exclude_none=True)
        return sampling.model_copy(update=said)


class Pilot(Declared):
    """What `snakemake pilot` asks before a study is paid for."""

    requests: Positive | None = Field(
        None,
        description="So many requests of each LLM, prompt, context and sampling: the first in "
        "sampling order of the first shard, the same for all. Absent: a window of the LLM.",
    )
    samplings: list[SamplingVariant] = Field(
        [],
        description="Samplings that every LLM is tried with beside its own. One that is as its own "
        "is asked once.",
    )

    @field_validator("samplings")
    @classmethod
    def _named_once(cls, value: list[SamplingVariant]) -> list[SamplingVariant]:
        names = [variant.name for variant in value]
        if len(set(names)) < len(names):
            raise ValueError(f"expected each name once, found {names}")
        return value

    def variants(self, sampling: Sampling) -> dict[str, Sampling]:
        """The samplings of an LLM by name, its own first; of equal ones the first alone."""
        found = {DECLARED: sampling}
        for variant in self.samplings:
            made = variant.of(sampling)
            if made not in found.values():
                found[variant.name] = made
        return found


class LlmEngine(Declared):
    """Tuning of the engine that runs an LLM. Never part of an identity."""

    model_config = ConfigDict(hide_input_in_errors=True)  # a refused URL may hold a password

    backend: Backend = Field(
        "auto", description="`auto` is vLLM where it is installed, else transformers."
    )
    window: Positive = Field(64, description="Requests that are completed and committed together.")
    gpus: int = Field(0, ge=0, description="GPUs a job asks for; vLLM's tensor parallel size.")
    threads: Positive = Field(2, description="CPU cores a job asks for; with `url` by default 1.")
    memory_mb: Positive = Field(
        8000, description="Memory a job asks for; with `url` by default 1000."
    )
    runtime_minutes: Positive = Field(
        240, description="Time a job asks for on a cluster; with `url` by default 120."
    )
    vllm: Options = Field(
        default_factory=dict,
        description="Further options of vLLM's engine, such as `gpu_memory_utilization: 0.9`; none "
        "by which an LLM would write something else.",
    )
    serve: bool = Field(
        False,
        description="With `server`: the job starts vLLM's own server with the LLM's weights, and "
        "ends it; instead of `url`.",
    )
    url: str | None = Field(
        None,
        description="With `server`: the base URL, to which `/chat/completions` is added, without "
        "user and password; a path and a query, such as `?api-version=...`, are kept.",
    )
    served_model: str | None = Field(
        None, description="With `server` and `url`: the model's name there."
    )
    api_key_variable: str | None = Field(
        None, description="With `server`: the environment variable that holds the key, in capitals."
    )
    api_key_header: str = Field(
        "Authorization",
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="The header that the key is sent in: as `Bearer KEY` in `Authorization`, as it "
        "is in another, such as `api-key` of Azure.",
    )
    proxy: str | None = Field(
        None,
        description="With `url`: an HTTP proxy on the way to it, such as `http://proxy:3128`, "
        "without user and password. Proxies that the environment names are not used.",
    )
    ca_file: str | None = Field(
        None,
        description="With `url`: a PEM file with the certificates to trust instead of the usual "
        "ones, such as a hospital's own.",
    )
    concurrency: Positive = Field(8, description="With `server`: requests under way at once.")
    timeout_seconds: PositiveFloat = Field(
        600, description="With `server`: for one completion, from the request to its last byte."
    )

    @model_validator(mode="before")
    @classmethod
    def _a_client_is_small(cls, values: Any) -> Any:
        """The LLM is elsewhere: the job sends requests and keeps answers."""
        small = {"threads": 1, "memory_mb": 1000, "runtime_minutes": 120}
        return small | values if isinstance(values, dict) and values.get("url") else values

    @model_validator(mode="after")
    def _server_is_somewhere(self) -> "LlmEngine":
        if self.serve and (self.backend != "server" or self.url):
            raise ValueError("'serve' needs backend 'server', and no 'url'")
        if self.proxy and not self.url:
            raise ValueError("'proxy' needs a 'url' to which it is on the way")
        if self.backend == "server" and not self.serve and not (self.url and self.served_model):
            raise ValueError("backend 'server' needs 'url' and 'served_model', or 'serve: true'")
        mistakes = (url_mistake(self.url), proxy_mistake(self.proxy), vllm_mistake(self.vllm))
        for mistake in (*mistakes, variable_mistake(self.api_key_variable)):
            if mistake:
                raise ValueError(mistake)
        return self

    @property
    def needs_weights(self) -> bool:
        """Whether the LLM's weights must be here: not where it is a server's."""
        return self.backend != "server" or self.serve


class LlmBehaviour(Declared):
    """What an LLM is besides its weights: what it is given, and how its tokens are drawn."""

    dtype: Literal["bfloat16", "float16", "float32"] = Field(
        "bfloat16", description="Number format in which the LLM runs."
    )
    chat: Chat = Field(Chat(), description="How a request becomes a chat turn.")
    sampling: Sampling = Field(Sampling(), description="How tokens are drawn.")
    max_model_len: Positive = Field(
        4096,
        description="Prompt and completion together, in the LLM's tokens; a request that does not "
        "fit fails alone, as `too_long`.",
    )


class Llm(LlmBehaviour):
    """One LLM: `config/llms/<name>.yaml`."""

    weights: Weights = Field(description="Where the LLM comes from.")
    licence: Licence = None
    data_use: DataUse = None
    engine: LlmEngine = Field(LlmEngine(), description="Tuning; changing it reruns nothing.")

    @model_validator(mode="after")
    def _who_fills_in_the_template(self) -> "Llm":
        if self.chat.date and not self.engine.needs_weights:
            raise ValueError(
                "'chat: date' is of no effect on a server with a 'url', which fills in its own "
                "template; expected an option of that template under 'template_options', if it has "
                "one"
            )
        return self


class AskedLlm(Declared):
    """An LLM as a job knows it.

    weights: what a server's are declared to be; None where the weights are an input. llm_name: of
    its file, for messages and for those who look at a ledger.
    """

    llm: LlmBehaviour
    weights: str | None
    llm_name: str


class CompletionsSpec(AskedLlm):
    """What the completions of a shard depend on."""

    source: str
    prompt_name: str
    shard: str


class PilotSampleSpec(Declared):
    """What the requests of a pilot depend on. requests: so many of them, the first in order."""

    requests: Positive


class PlanSpec(AskedLlm):
    """What a plan depends on. ledgers: a hash that changes with every completion."""

    ledgers: str
