"""`sagehen up`: in the foreground, or detached."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import typer

from sagehen.app.data_folder import DataFolder, DataFolderOfOthers
from sagehen.app.reach import Reach, UnknownHost, reach_of
from sagehen.app.settings import RootAccount, Settings, SettingsError, data_option, parse_accounts
from sagehen.cli.failure import fail
from sagehen.cli.up.options import Options
from sagehen.traffic.durations import parse_duration

if TYPE_CHECKING:
    from sagehen.cli.running import RunningPlatform

# A cold disk and a busy machine: generous, since it returns as soon as the platform answers.
_START_TIMEOUT_S = 60
# The probe takes some 50 ms and begins before the port opens.
_PROBE_TIMEOUT_S = 5
_MOST_PATIENCE_S = 900
_LONGEST_IDLE_S = 7 * 86_400


def choose_settings(options: Options) -> Settings:
    """Turn options into Settings, or end with a sentence about the wrong one."""
    try:
        roots: tuple[RootAccount, ...] = parse_accounts(options.account or [], options.credentials or [])
    except SettingsError as error:
        fail(str(error))
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


def start(settings: Settings, *, detach: bool) -> None:
    """Run the platform here until a signal, or start it in a session of its own."""
    if detach:
        _start_detached(settings)
        return
    if settings.sandbox != "off":
        from sagehen.cli.up.own_scope import enter_scope

        enter_scope(sys.argv[1:])
    gc.disable()  # what is imported stays; the platform's Collector takes over when it is ready
    from sagehen.app.run import run

    sys.exit(run(settings))


def _start_detached(settings: Settings) -> None:
    from sagehen.cli.running import NotRunning, RunningPlatform

    try:
        running = RunningPlatform.find(settings.data_folder)
    except NotRunning:
        pass
    else:
        fail(f"Sagehen is already running: {running.url} (pid {running.pid})")
    log = settings.data_folder / "platform.log"
    try:
        DataFolder(settings.data_folder).claim()
        output = log.open("ab")
    except (DataFolderOfOthers, OSError) as error:
        fail(str(error))
    began = time.monotonic()
    with output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sagehen.cli", *_arguments(settings)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while time.monotonic() - began < _START_TIMEOUT_S:
        if process.poll() is not None:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            fail(f"Sagehen did not start; the end of {log}:\n{tail}")
        try:
            running = RunningPlatform.find(settings.data_folder)
            running.health()
        except (NotRunning, OSError, ValueError, KeyError):
            time.sleep(0.02)
            continue
        if running.pid == process.pid:
            seconds = time.monotonic() - began
            print(f"Sagehen runs at {running.url} (pid {running.pid}, ready in {seconds:.2f} s)")
            for line in running.elsewhere.told():
                typer.secho(line, fg="yellow")
            if warning := sandbox_warning(running):
                typer.secho(warning, fg="yellow")
            option = data_option(settings.data_folder)
            print(f'next:  eval "$(sagehen env{option})"    in a browser:  sagehen console{option}')
            return
    process.terminate()
    fail(f"Sagehen did not answer within {_START_TIMEOUT_S} s; see {log}")


def sandbox_warning(running: RunningPlatform) -> str:
    """Return what the terminal must hear of sandboxes that are off or refused: nobody opens the log."""
    deadline = time.monotonic() + _PROBE_TIMEOUT_S
    while (level := str(running.health().get("sandbox", ""))) == "being probed":
        if time.monotonic() > deadline:
            return ""
        time.sleep(0.02)
    return f"sandboxes:  {level}" if level.startswith("OFF") or "UNAVAILABLE" in level else ""


def _arguments(settings: Settings) -> list[str]:
    """Return the command line that makes the same settings again."""
    result = [
        "up",
        "--data",
        str(settings.data_folder),
        "--host",
        settings.host,
        "--port",
        str(settings.port),
    ]
    if settings.tls_certificate is not None:
        result += ["--tls-certificate", str(settings.tls_certificate), "--tls-key", str(settings.tls_key)]
    for name in settings.tls_names:
        result += ["--tls-name", name]
    result += ["--region", settings.region, "--clock-check", "on" if settings.clock_check else "off"]
    result += ["--sandbox", settings.sandbox, "--durability", settings.durability]
    result += ["--public-s3", "on" if settings.public_s3 else "off"]
    result += ["--time-scale", str(settings.time_scale)]
    # Accounts with given keys first: keys pair with accounts by their place. Nothing secret goes to
    # a command line that others can read: those keys are written to the data folder instead.
    settings = _with_keys_kept(settings)
    for account in settings.accounts:
        result += ["--account", account.account_id]
    if settings.allow_reset:
        result.append("--allow-reset")
    if settings.instance_cpus is not None:
        result += ["--instance-cpus", str(settings.instance_cpus)]
    if settings.queue_excess_s is not None:
        result += ["--queue-excess", f"{settings.queue_excess_s:.6f}s"]
    if settings.notebook_idle_s is not None:
        result += ["--notebook-idle", f"{settings.notebook_idle_s:.6f}s"]
    result += ["--gpu-types", settings.gpu_types, "--images", settings.images]
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


def _with_keys_kept(settings: Settings) -> Settings:
    from sagehen.domain.ids import Ids

    DataFolder(settings.data_folder).root_credentials(settings.accounts, Ids())
    return replace(settings, accounts=tuple(replace(a, credentials=None) for a in settings.accounts))


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
