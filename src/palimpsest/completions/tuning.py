"""What `engine` of an LLM file may say: tuning, and no secret."""

import re
from typing import Any
from urllib.parse import urlsplit

# Options of vLLM that decide where and how fast an LLM runs, never what it writes. All others are
# refused, those of later versions of vLLM too: `engine` is no part of an LLM's identity.
VLLM_TUNING = frozenset(
    """
    async_scheduling attention_backend attention_config block_size compilation_config
    cpu_offload_gb cudagraph_capture_sizes data_parallel_backend data_parallel_size
    device_ids disable_cascade_attn disable_custom_all_reduce disable_log_stats
    distributed_executor_backend distributed_timeout_seconds enable_chunked_prefill
    enable_dbo enable_eplb enable_expert_parallel enable_flashinfer_autotune
    enable_prefix_caching enforce_eager gpu_memory_utilization kernel_config
    kv_cache_memory_bytes linear_backend long_prefill_token_threshold master_addr master_port
    max_cudagraph_capture_size max_num_batched_tokens max_num_partial_prefills max_num_seqs
    max_parallel_loading_workers moe_backend nnodes node_rank num_gpu_blocks_override numa_bind
    numa_bind_cpus numa_bind_nodes offload_backend pipeline_parallel_size
    prefix_caching_hash_algo safetensors_load_strategy safetensors_prefetch_block_size
    safetensors_prefetch_num_threads scheduling_policy swap_space tensor_parallel_size
    """.split()
)
# Options that are tuning with these values alone.
VLLM_VALUES: dict[str, tuple[Any, ...]] = {
    "config_format": ("auto", "hf"),
    "hf_overrides": ({},),  # where the last layer cannot run in float32: see docs/engines.md
    "load_format": ("auto", "safetensors", "fastsafetensors", "runai_streamer"),
    "tokenizer_mode": ("auto", "hf", "slow"),
}
DECLARED = ("dtype", "max_model_len")  # by these names in the LLM file itself


VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


def variable_mistake(name: str | None) -> str | None:
    """What is wrong with the name of a variable, without repeating it: it may be the key itself."""
    if name is None or VARIABLE.fullmatch(name):
        return None
    return (
        "'api_key_variable' is no name of an environment variable in capitals, such as WARD_KEY; "
        "expected the name, and the key in that variable"
    )


def vllm_mistake(options: dict[str, Any]) -> str | None:
    """What is wrong with options under `engine: vllm:`; None for tuning."""
    for name, value in options.items():
        if name in VLLM_TUNING or value in VLLM_VALUES.get(name, ()):
            continue
        if name in VLLM_VALUES:
            values = " or ".join(str(value) for value in VLLM_VALUES[name])
            return f"'vllm: {name}' is tuning with {values} alone: it may change what an LLM writes"
        instead = (
            f"declare '{name}' in the LLM file itself" if name in DECLARED else ("leave it out")
        )
        tuning = ", ".join(sorted(VLLM_TUNING | VLLM_VALUES.keys()))
        return (
            f"'vllm: {name}' may change what an LLM writes, and 'engine' is no part of its "
            f"identity; {instead}. Expected of {tuning}"
        )
    return None


def url_mistake(url: str | None) -> str | None:
    """What is wrong with a server's URL, without repeating it; None for a sound one."""
    if url is None:
        return None
    key = "and the key in the environment variable that 'api_key_variable' names"
    if mistake := _address_mistake("url", url, "http://host:port/v1", f"it without, {key}"):
        return mistake
    if urlsplit(url).path.rstrip("/").endswith("/completions"):
        return "'url' ends in the path of the request; expected the base URL, ending in /v1"
    return None


def proxy_mistake(url: str | None) -> str | None:
    """What is wrong with a proxy's URL, without repeating it; None for a sound one."""
    if url is None:
        return None
    shape = "http://host:port"
    if mistake := _address_mistake("proxy", url, shape, "a proxy that asks for none"):
        return mistake
    if urlsplit(url).path.strip("/") or urlsplit(url).query:
        return f"'proxy' has a path or a query; expected {shape}"
    return None


def _address_mistake(name: str, url: str, shape: str, instead: str) -> str | None:
    """What is wrong with the address in a URL. shape: of a sound one. instead: of a password."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return f"'{name}' has blanks or characters beyond ASCII; expected {shape}"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"'{name}' has a malformed host or port; expected {shape}"
    if parts.scheme not in ("http", "https") or not host:
        rest = shape.removeprefix("http://")
        return f"'{name}' needs a scheme and a host; expected http:// or https://, {rest}"
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return (
            f"'{name}' has a user or a password, which do not belong in a file; expected {instead}"
        )
    return f"'{name}' has a '#'; expected {shape}" if parts.fragment else None
