"""Rules on what instances use: LowGPUUtilization, CPUBottleneck, IOBottleneck, GPUMemoryIncrease, BatchSize,
OverallSystemUsage, MaxInitializationTime.

Definitions and defaults: those of smdebug_rulesconfig 1.0.1, and of the rules as awslabs/sagemaker-debugger
once had them. `patience` and `window` count samples, one each ProfilingIntervalInMilliseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sagehen.services.sagemaker.training.rules.facts.facts import Facts
from sagehen.services.sagemaker.training.rules.facts.usage import LONGEST_WINDOW, bottlenecks
from sagehen.services.sagemaker.training.rules.parameters import Parameters
from sagehen.services.sagemaker.training.rules.verdict import Verdict, error, going_on, issue, no_issue

_PATIENCE = 1000


def low_gpu_utilization(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether a GPU is hardly used, or now and then not at all."""
    high, low = given.number("threshold_p95", 70), given.number("threshold_p5", 10)
    window, patience = given.count("window", 500, LONGEST_WINDOW), given.count("patience", _PATIENCE)
    for (node, name), gpu in facts.usage.gpus.items():
        if gpu.values <= patience:
            continue
        p95, p5 = _quantile(_last(gpu.use, window), 0.95), _quantile(_last(gpu.use, window), 0.05)
        if p95 < high or p5 < low:
            return issue(
                "LowGPUUtilization",
                gpu.values,
                f"{name} of {node}: of the last {window} samples, 95 % are below {p95:.3g} % and 5 % below "
                f"{p5:.3g} %.",
                datapoints=gpu.values,
                violations=1,
                found={node: {name: {"gpu_95": p95, "gpu_5": p5}}},
            )
    return _of_gpus(facts, patience)


def gpu_memory_increase(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether a GPU's mean memory over `window` samples rose by more than `increase` percent points."""
    rise, window = given.number("increase", 5), max(1, given.count("window", 10, LONGEST_WINDOW))
    patience = given.count("patience", _PATIENCE)
    for (node, name), gpu in facts.usage.gpus.items():
        values = list(gpu.memory)
        if gpu.values <= patience or len(values) < 2 * window:
            continue
        before = sum(values[-2 * window : -window]) / window
        now = sum(values[-window:]) / window
        if now - before > rise:
            return issue(
                "GPUMemoryIncrease",
                gpu.values,
                f"{name} of {node}: its memory rose from {before:.3g} % to {now:.3g} % in {window} samples.",
                datapoints=gpu.values,
                violations=1,
                found={node: {name: {"increase": now - before, "memory": values[-1]}}},
            )
    return _of_gpus(facts, patience)


def batch_size(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether processors, GPU and its memory are all little used, so that batches could be larger."""
    window, patience = given.count("window", 500, LONGEST_WINDOW), given.count("patience", _PATIENCE)
    cpu_most, gpu_most = given.number("cpu_threshold_p95", 70), given.number("gpu_threshold_p95", 70)
    memory_most = given.number("gpu_memory_threshold_p95", 70)
    for (node, name), gpu in facts.usage.gpus.items():
        if gpu.values <= patience:
            continue
        cpu = facts.usage.by_node["CPU"][node].quantile(0.95)
        use, memory = _quantile(_last(gpu.use, window), 0.95), _quantile(_last(gpu.memory, window), 0.95)
        if cpu < cpu_most and use < gpu_most and memory < memory_most:
            return issue(
                "BatchSize",
                gpu.values,
                f"{name} of {node}: in 95 % of the samples, the GPU is used to {use:.3g} %, its memory to "
                f"{memory:.3g} %, and the processors to {cpu:.3g} % at most.",
                datapoints=gpu.values,
                violations=1,
                found={node: {name: {"cpu": cpu, "gpu": use, "gpu_memory": memory}}},
            )
    return _of_gpus(facts, patience)


def cpu_bottleneck(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether GPUs idle while processors are busy, in more than `threshold` percent of the samples."""
    busy = given.number("cpu_threshold", 90)
    return _bottleneck("CPUBottleneck", "the processors", facts, given, facts.usage.idle_gpu_cpu, busy)


def io_bottleneck(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether GPUs idle while processes wait for disks."""
    busy = given.number("io_threshold", 50)
    return _bottleneck("IOBottleneck", "waiting for disks", facts, given, facts.usage.idle_gpu_io, busy)


def overall_system_usage(facts: Facts, given: Parameters) -> Verdict:
    """Sum up what each instance used; on AWS, too, this finds no issue, ever."""
    if (lacking := _unmeasured(facts)) is not None:
        return lacking
    usage = facts.usage
    found = {
        quantity: {node: distribution.summary() for node, distribution in nodes.items()}
        for quantity, nodes in sorted(usage.by_node.items())
    }
    if not facts.ended:
        return going_on(datapoints=usage.samples, found=found)
    busiest = ", ".join(
        f"{quantity} {max(d.quantile(0.95) for d in usage.by_node[quantity].values()):.3g} %"
        for quantity in ("CPU", "CPU memory", "GPU", "GPU memory")
        if quantity in usage.by_node
    )
    why = f"Evaluated from {usage.samples} samples; 95 % of them are below: {busiest}."
    return no_issue(why, datapoints=usage.samples, found=found)


def max_initialization_time(facts: Facts, given: Parameters) -> Verdict:
    """Tell whether it takes more than `threshold` minutes until the first step.

    What stands for the first step is the first loss; until one is there, the time that has passed is known to
    be too short or too long all the same.
    """
    threshold_s = 60 * given.number("threshold", 20)
    if facts.began_s is None:
        return error("ClientError: the training job ended before it began.") if facts.ended else going_on()
    first = facts.losses.first_at
    took = (facts.now_s if first is None else first) - facts.began_s
    found = {"step_num": {"job_start": facts.began_s, "job_end": facts.now_s, "first_loss": first}}
    seen = f"The first loss of {facts.losses.source} came after {took:.0f} s."
    if first is None:
        seen = f"No loss of {facts.losses.source} came in {took:.0f} s."
    if took > threshold_s:
        why = f"{seen} That is more than {threshold_s:.0f} s."
        return issue("MaxInitializationTime", 0, why, violations=1, datapoints=1, found=found)
    if first is not None or facts.ended:
        return no_issue(f"{seen} That is not more than {threshold_s:.0f} s.", datapoints=1, found=found)
    return going_on(found=found)


def _bottleneck(
    rule: str, what: str, facts: Facts, given: Parameters, counts: Counter[int], busy: float
) -> Verdict:
    threshold, idle = given.number("threshold", 50), given.number("gpu_threshold", 10)
    patience = given.count("patience", _PATIENCE)
    looks = sum(counts.values())
    found = bottlenecks(counts, idle, busy)
    if looks > patience and 100 * found / looks > threshold:
        return issue(
            rule,
            looks,
            f"In {found} of {looks} samples a GPU was used to less than {idle:g} % while {what} took more "
            f"than {busy:g} %.",
            datapoints=looks,
            violations=found,
            found={"low_gpu_utilization": bottlenecks(counts, idle, -1)},
        )
    if facts.ended and facts.usage.looks and not looks:
        return error(
            "ClientError: this machine's kernel does not say how long processes wait for disks (PSI)."
        )
    return _of_gpus(facts, patience, found)


def _of_gpus(facts: Facts, patience: int, violations: int = 0) -> Verdict:
    """Return what a rule on GPUs says that has found nothing."""
    if (lacking := _unmeasured(facts)) is not None:
        return lacking
    datapoints = max((gpu.values for gpu in facts.usage.gpus.values()), default=0)
    if not facts.ended:
        return going_on(datapoints=datapoints, violations=violations)
    if facts.usage.gpus:
        why = f"Evaluated from {datapoints} samples of each GPU"
        short = datapoints <= patience
        why += f", not more than the rule's patience of {patience}: nothing was judged." if short else "."
        return no_issue(why, datapoints=datapoints, violations=violations)
    if facts.gpu_type:
        return error(
            "ClientError: the instance type has GPUs on AWS and got none here, or they could not be "
            "measured: there is nothing to evaluate."
        )
    # As AWS ends it (people's reports of jobs on ml.m5 types).
    return no_issue(
        "The instance type has no GPU: there was nothing to find.", datapoints=facts.usage.samples
    )


def _unmeasured(facts: Facts) -> Verdict | None:
    if facts.usage.samples or not facts.ended:
        return None
    why = (
        "the profiler is off"
        if not facts.profiled
        else "the instances were gone before anything was measured"
    )
    return error(f"ClientError: there are no system metrics, for {why}.")


def _last(values: Sequence[float], window: int) -> list[float]:
    return list(values)[-window:]


def _quantile(values: list[float], share: float) -> float:
    """Return the quantile by linear interpolation, as numpy's default; 0 of none."""
    if not values:
        return 0.0
    values = sorted(values)
    position = share * (len(values) - 1)
    low = int(position)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (position - low)
