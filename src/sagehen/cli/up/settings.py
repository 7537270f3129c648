"""Which settings `sagehen up` was asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal, cast

from sagehen.app.reach import Reach, UnknownHost, reach_of
from sagehen.app.settings import RootAccount, Settings, SettingsError, parse_accounts
from sagehen.cli.failure import fail
from sagehen.cli.up.options import Options
from sagehen.traffic.durations import parse_duration

_MOST_PATIENCE_S = 900
_LONGEST_IDLE_S = 7 * 86_400


def choose_settings(options: Options) -> Settings:
    """Turn options into Settings, or end with a sentence about the wrong one."""
    try:
        roots: tuple[RootAccount, ...] = parse_accounts(options.account or [], options.credentials or [])
    except SettingsError as error:
        fail(str(error))
    _check(options)
    return Settings(
        data_folder=options.data.absolute(),
        host=options.host,
        **_tls(options),
        port=options.port,
        region=options.region,
        accounts=roots,
        clock_check=_choice("--clock-check", options.clock_check, ("on", "off")) == "on",
        allow_reset=options.allow_reset,
        sandbox=cast(Literal["auto", "off"], _choice("--sandbox", options.sandbox, ("auto", "off"))),
        public_s3=_choice("--public-s3", options.public_s3, ("on", "off")) == "on",
        durability=cast(
            Literal["normal", "full"], _choice("--durability", options.durability, ("normal", "full"))
        ),
        time_scale=options.time_scale,
        instance_cpus=options.instance_cpus,
        queue_excess_s=None
        if options.queue_excess is None
        else _seconds("--queue-excess", options.queue_excess),
        notebook_idle_s=None
        if options.notebook_idle is None
        else _seconds("--notebook-idle", options.notebook_idle, 60, _LONGEST_IDLE_S),
        images=cast(Literal["refuse", "build"], _choice("--images", options.images, ("refuse", "build"))),
        model_cache=None if options.model_cache is None else options.model_cache.absolute(),
        gpu_types=cast(
            Literal["processors", "refuse"],
            _choice("--gpu-types", options.gpu_types, ("processors", "refuse")),
        ),
        warm=options.warm,
        containers=_containers(options),
        cluster=_cluster(options.cluster),
        ray=_ray(options),
        spread_jobs=_spread_jobs(options),
    )


def _check(options: Options) -> None:
    # Comparisons that NaN fails too.
    if not 0.001 <= options.time_scale <= 1_000_000:
        fail(f"--time-scale {options.time_scale:g}: it is between 0.001 and 1000000")
    if options.instance_cpus is not None and not 0.1 <= options.instance_cpus <= 1_000_000:
        fail(f"--instance-cpus {options.instance_cpus:g}: it is at least 0.1")
    if not re.fullmatch(r"[a-z0-9-]{1,63}", options.region):
        said = "a region is lower-case letters, digits and hyphens, such as us-east-1"
        fail(f"--region {options.region}: {said}")
    if options.model_cache is not None and not options.model_cache.is_dir():
        fail(f"--model-cache {options.model_cache}: no such folder")


def _containers(options: Options) -> Path | None:
    if options.containers is None:
        return None
    if options.sandbox == "off":
        fail("--containers goes with sandboxes: all but images of your own runs in those")
    from sagehen.cli.up.engines import NoEngine, socket_of

    try:
        return socket_of(options.containers, os.environ, os.getuid())
    except NoEngine as error:
        fail(f"--containers {error}")


def _cluster(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    from sagehen.cluster.address import BadAddress, read_address

    try:
        return read_address(text)
    except BadAddress as error:
        fail(f"--cluster {error}")


def _ray(options: Options) -> str | None:
    """Read which Ray is joined; whether it is trusted is the operator's to say."""
    if options.ray is None:
        if options.trust_ray:
            fail("--trust-ray goes with --ray, which says which Ray is trusted")
        return None
    if options.cluster is None:
        fail("--ray goes with --cluster ADDRESS, by which the nodes of that Ray reach this machine")
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}:[0-9]{1,5}", options.ray):
        fail(f"--ray {options.ray}: it is HOST:PORT, as `ray start --address` takes it")
    if not options.trust_ray:
        fail(
            f"--ray {options.ray}: whoever may submit to that Ray may read and change what runs on "
            "its nodes, roles' credentials included, as the user whom it runs as; --trust-ray says that "
            "you trust them all (docs/cluster.md)"
        )
    return options.ray


def _spread_jobs(options: Options) -> bool:
    if options.spread_jobs and options.cluster is None:
        fail("--spread-jobs goes with --cluster: there is one machine without")
    return options.spread_jobs


def _tls(options: Options) -> dict[str, Any]:
    """Read what is said of TLS; it is for a door that other machines reach."""
    others = reach(options.host).others
    certificate, key, names = options.tls_certificate, options.tls_key, options.tls_name or []
    if (certificate is None) != (key is None):
        fail("--tls-certificate and --tls-key go together")
    if certificate is not None and names:
        fail("--tls-name is for a certificate of the platform's own; the one that is given has its names")
    if (certificate is not None or names) and not others:
        fail(
            f"--tls-…: {options.host} is this machine alone, where nothing is encrypted; --host opens the "
            f"door"
        )
    try:
        checked = tuple(names) and _checked(names)
    except ValueError as error:
        fail(f"--tls-name: {error}")
    return {
        "tls_certificate": None if certificate is None else certificate.absolute(),
        "tls_key": None if key is None else key.absolute(),
        "tls_names": checked,
    }


def _checked(names: list[str]) -> tuple[str, ...]:
    from sagehen.cluster.authority.names import checked

    return checked(names)


def reach(host: str) -> Reach:
    """Return from where a platform can be reached, or end with a sentence about its `--host`."""
    try:
        return reach_of(host)
    except UnknownHost as error:
        fail(str(error))


def _seconds(option: str, text: str, least: float = 0, most: float = _MOST_PATIENCE_S) -> float:
    """Read a time such as 10s, 500ms or 2m; by default at most the 15 minutes that a function may run."""
    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if not max(least, 1e-9) <= seconds <= most:
        bounds = f"{least:g} s to {most:g} s" if least else "15m at the most"
        fail(f"{option} {text}: it is a time such as {'90m' if least else '10s'}, {bounds}")
    return seconds


def _choice(option: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        fail(f"{option} {value}: it is one of {', '.join(allowed)}")
    return value
