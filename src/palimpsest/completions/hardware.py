"""What hardware this is: enough to know whether a measured throughput still holds."""

import os
from pathlib import Path

from palimpsest.runtime.gpus import installed_gpus


def describe_hardware() -> str:
    """The GPUs, or the processor and its cores, that this process may use; no name of a machine.

    Such as `1 x NVIDIA H200` or `2 cores of AMD EPYC 9R14`.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = installed_gpus()
    if visible is not None:
        wanted = [name.strip() for name in visible.split(",") if name.strip()]
        # A cluster may name GPUs by UUID; those of one machine are of one kind.
        gpus = [gpu for gpu in gpus if gpu[0] in wanted] or gpus[: len(wanted)]
    names = sorted({name for _, name in gpus})
    if names:
        return f"{len(gpus)} x {', '.join(names)}"
    return f"{len(os.sched_getaffinity(0))} cores of {_processor()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "an unknown processor"
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else os.uname().machine
