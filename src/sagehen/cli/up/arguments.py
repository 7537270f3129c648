"""The command line that makes the same settings again, for a process of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.app.settings import Settings


def arguments_of(settings: Settings) -> list[str]:
    """Return it, after `sagehen`.

    Nothing secret goes to a command line, which others can read: accounts' keys are in the data folder.
    """
    return [
        "up",
        "--data",
        str(settings.data_folder),
        *_door(settings),
        *_platform(settings),
        *_means(settings),
    ]


def _door(settings: Settings) -> Sequence[str]:
    result = ["--host", settings.host, "--port", str(settings.port)]
    if settings.tls_certificate is not None:
        result += ["--tls-certificate", str(settings.tls_certificate), "--tls-key", str(settings.tls_key)]
    for name in settings.tls_names:
        result += ["--tls-name", name]
    return result


def _platform(settings: Settings) -> Sequence[str]:
    """What people see of it, wherever it runs what they send."""
    result = ["--region", settings.region, "--clock-check", "on" if settings.clock_check else "off"]
    result += ["--sandbox", settings.sandbox, "--durability", settings.durability]
    result += ["--public-s3", "on" if settings.public_s3 else "off"]
    result += ["--time-scale", str(settings.time_scale)]
    for account in settings.accounts:
        result += ["--account", account.account_id]
    if settings.allow_reset:
        result.append("--allow-reset")
    if settings.queue_excess_s is not None:
        result += ["--queue-excess", f"{settings.queue_excess_s:.6f}s"]
    if settings.notebook_idle_s is not None:
        result += ["--notebook-idle", f"{settings.notebook_idle_s:.6f}s"]
    return result


def _means(settings: Settings) -> Sequence[str]:
    """With what, and where, jobs and endpoints run."""
    result = ["--gpu-types", settings.gpu_types, "--images", settings.images]
    if settings.instance_cpus is not None:
        result += ["--instance-cpus", str(settings.instance_cpus)]
    if settings.model_cache is not None:
        result += ["--model-cache", str(settings.model_cache)]
    if settings.warm:
        result.append("--warm")
    if settings.cluster is not None:
        result += ["--cluster", f"{settings.cluster[0]}:{settings.cluster[1]}"]
    if settings.containers is not None:
        result += ["--containers", str(settings.containers)]
    if settings.ray is not None:
        result += ["--ray", settings.ray, "--trust-ray"]
    if settings.spread_jobs:
        result.append("--spread-jobs")
    return result
