"""Options of `sagehen up`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from sagehen.app.settings import DEFAULT_PORT, DEFAULT_REGION
from sagehen.cli.options import DataOption


@dataclass(frozen=True, slots=True)
class Options:
    """As they were typed."""

    data: DataOption
    host: Annotated[
        str, typer.Option(help="Address to listen on; one that other machines reach is open to them, by TLS.")
    ] = "127.0.0.1"
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM, for --host; by default one of the platform's own CA.")
    ] = None
    tls_key: Annotated[Path | None, typer.Option(help="PEM: the key of --tls-certificate.")] = None
    tls_name: Annotated[
        list[str] | None, typer.Option(help="Another name by which machines call this one; repeatable.")
    ] = None
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = DEFAULT_PORT
    region: Annotated[str, typer.Option(help="The region that `sagehen env` sets.")] = DEFAULT_REGION
    detach: Annotated[bool, typer.Option("--detach", help="Return once it answers.")] = False
    account: Annotated[list[str] | None, typer.Option(help="A root account; repeatable.")] = None
    credentials: Annotated[
        list[str] | None, typer.Option(help="KEY:SECRET of the account at the same place; repeatable.")
    ] = None
    clock_check: Annotated[str, typer.Option(help="on|off: refuse old signatures.")] = "on"
    allow_reset: Annotated[
        bool, typer.Option("--allow-reset", help="Open POST /_sagehen/reset on loopback.")
    ] = False
    sandbox: Annotated[str, typer.Option(help="auto|off: off runs jobs as plain processes of your user.")] = (
        "auto"
    )
    containers: Annotated[
        str | None,
        typer.Option(
            metavar="ENGINE",
            help="docker, podman, or a socket: what runs on images of your own runs in containers of it.",
        ),
    ] = None
    public_s3: Annotated[
        str, typer.Option("--public-s3", help="on|off: off keeps reads of AWS's public buckets here.")
    ] = "on"
    durability: Annotated[str, typer.Option(help="normal|full: full also survives a power cut.")] = "normal"
    time_scale: Annotated[float, typer.Option(help="How fast the platform's clock runs.")] = 1.0
    instance_cpus: Annotated[
        float | None, typer.Option(help="No instance gets more processors than this.")
    ] = None
    queue_excess: Annotated[
        str | None,
        typer.Option(help="10s: invocations beyond the concurrency wait so long, where AWS answers 429."),
    ] = None
    notebook_idle: Annotated[
        str | None, typer.Option(help="2h: stop notebook instances that nobody has used for so long.")
    ] = None
    gpu_types: Annotated[
        str,
        typer.Option(help="processors|refuse: instance types whose GPUs are missing run without, or fail."),
    ] = "processors"
    images: Annotated[
        str,
        typer.Option("--images", help="refuse|build: build an environment when an image is first used."),
    ] = "refuse"
    model_cache: Annotated[
        Path | None,
        typer.Option(help="A folder like ~/.cache: jobs and endpoints read its torch and huggingface."),
    ] = None
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Jobs and endpoints run on nodes too (docs/cluster.md), which reach this machine here: "
            "an IPv4 address of its, or auto.",
        ),
    ] = None
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="With --cluster: its nodes are those of the Ray at this HOST:PORT; see --trust-ray.",
        ),
    ] = None
    trust_ray: Annotated[
        bool,
        typer.Option("--trust-ray", help="Whoever may use that Ray may read what runs there: so be it."),
    ] = False
    spread_jobs: Annotated[
        bool,
        typer.Option("--spread-jobs", help="With --cluster: instances of one training job on several nodes."),
    ] = False
    warm: Annotated[
        bool, typer.Option("--warm", help="Preload the training libraries now, not at the first use.")
    ] = False
