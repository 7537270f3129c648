"""The `sagehen` command: one line per subcommand; each lives in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sagehen import __version__
from sagehen.app.settings import DEFAULT_PORT, DEFAULT_REGION, default_data_folder

app = typer.Typer(
    name="sagehen",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

images = typer.Typer(
    no_args_is_help=True, help="Which Python environments stand for images (docs/environments.md)."
)
app.add_typer(images, name="images")

DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        help="The data folder (or SAGEHEN_DATA).",
        default_factory=default_data_folder,
        show_default=False,
    ),
]


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"sagehen {__version__}")
        raise typer.Exit


@app.callback()
def sagehen(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version and exit."),
    ] = False,
) -> None:
    """An AWS machine-learning stack on your own machine: it trains, serves and authorizes for real."""


@app.command()
def up(
    data: DataOption,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = DEFAULT_PORT,
    region: Annotated[str, typer.Option(help="The region that `sagehen env` sets.")] = DEFAULT_REGION,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it answers.")] = False,
    account: Annotated[list[str] | None, typer.Option(help="A root account; repeatable.")] = None,
    credentials: Annotated[
        list[str] | None, typer.Option(help="KEY:SECRET of the account at the same place; repeatable.")
    ] = None,
    clock_check: Annotated[str, typer.Option(help="on|off: refuse old signatures.")] = "on",
    allow_reset: Annotated[
        bool, typer.Option("--allow-reset", help="Open POST /_sagehen/reset on loopback.")
    ] = False,
    sandbox: Annotated[
        str, typer.Option(help="auto|off: off runs jobs as plain processes of your user.")
    ] = "auto",
    public_s3: Annotated[
        str, typer.Option("--public-s3", help="on|off: off keeps reads of AWS's public buckets here.")
    ] = "on",
    durability: Annotated[str, typer.Option(help="normal|full: full also survives a power cut.")] = "normal",
    time_scale: Annotated[float, typer.Option(help="How fast the platform's clock runs.")] = 1.0,
    instance_cpus: Annotated[
        float | None, typer.Option(help="No instance gets more processors than this.")
    ] = None,
    queue_excess: Annotated[
        str | None,
        typer.Option(help="10s: invocations beyond the concurrency wait so long, where AWS answers 429."),
    ] = None,
    gpu_types: Annotated[
        str,
        typer.Option(help="processors|refuse: instance types whose GPUs are missing run without, or fail."),
    ] = "processors",
    image_environments: Annotated[
        str,
        typer.Option("--images", help="refuse|build: build an environment when an image is first used."),
    ] = "refuse",
    model_cache: Annotated[
        Path | None,
        typer.Option(help="A folder like ~/.cache: jobs and endpoints read its torch and huggingface."),
    ] = None,
    warm: Annotated[
        bool, typer.Option("--warm", help="Preload the training libraries now, not at the first use.")
    ] = False,
) -> None:
    """Start the platform (Ctrl-C stops it)."""
    from sagehen.cli.up import choose_settings, start

    settings = choose_settings(
        data_folder=data,
        host=host,
        port=port,
        region=region,
        accounts=account or [],
        credentials=credentials or [],
        clock_check=clock_check,
        allow_reset=allow_reset,
        sandbox=sandbox,
        public_s3=public_s3,
        durability=durability,
        time_scale=time_scale,
        instance_cpus=instance_cpus,
        queue_excess=queue_excess,
        gpu_types=gpu_types,
        images=image_environments,
        model_cache=model_cache,
        warm=warm,
    )
    start(settings, detach=detach)


@app.command()
def down(
    data: DataOption,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Also delete the data folder: buckets, models, everything.")
    ] = False,
) -> None:
    """Stop the platform; `up` brings everything back."""
    from sagehen.cli.down import stop

    stop(data, delete_data=delete_data)


@app.command()
def status(data: DataOption) -> None:
    """Tell whether it runs, and what runs on it."""
    from sagehen.cli.status import show

    show(data)


@app.command()
def env(
    data: DataOption,
    role: Annotated[str | None, typer.Option(help="A session of this role instead of root.")] = None,
) -> None:
    """Print shell exports: eval "$(sagehen env)"."""
    from sagehen.cli.env import show

    show(data, role)


@app.command()
def logs(
    group: Annotated[str, typer.Argument(help="Such as /aws/sagemaker/TrainingJobs.")],
    data: DataOption,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    since: Annotated[str, typer.Option(help="How far back: 30s, 10m, 2h, 3d.")] = "10m",
    stream: Annotated[str | None, typer.Option(help="Only streams whose names begin so.")] = None,
) -> None:
    """Print a log group."""
    from sagehen.cli.logs import show

    show(data, group, follow=follow, since=since, stream_prefix=stream)


@app.command()
def load(
    target: Annotated[
        str,
        typer.Argument(help="endpoint/NAME\\[/variant/VARIANT], function:NAME[:QUALIFIER], or a URL."),
    ],
    data: DataOption,
    rate: Annotated[
        str | None,
        typer.Option(help="Requests per second: 5, 'ramp 1 to 50 for 2m, 50', 'wave 5 to 50 every 1h' ..."),
    ] = None,
    trace: Annotated[Path | None, typer.Option(help="A CSV file of moments and rates or requests.")] = None,
    duration: Annotated[str | None, typer.Option(help="How long: 90s, 5m, 2h.")] = None,
    body: Annotated[str | None, typer.Option(help="What to send: a text, or @FILE.")] = None,
    body_dir: Annotated[
        Path | None, typer.Option("--body-dir", help="A folder whose files are sent in turn.")
    ] = None,
    content_type: Annotated[
        str | None, typer.Option("--content-type", help="Of what is sent; guessed without it.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="'Name: value'; repeatable.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="Of requests to a URL: GET, or POST with a body.")
    ] = None,
    sign: Annotated[
        str | None, typer.Option(help="Sign requests to a URL for this service: execute-api, lambda.")
    ] = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option("--endpoint-url", help="Where AWS's API is; as the SDKs find it, or Sagehen."),
    ] = None,
    aws: Annotated[bool, typer.Option("--aws", help="Send to AWS itself, which costs money.")] = False,
    region: Annotated[str | None, typer.Option(help="AWS's region.")] = None,
    evenly: Annotated[bool, typer.Option("--evenly", help="Evenly spaced, not at random moments.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of the random moments: the same again.")] = None,
    max_in_flight: Annotated[
        int,
        typer.Option(
            "--max-in-flight", min=1, max=60000, help="What is due beyond is not sent, but counted."
        ),
    ] = 1000,
    timeout: Annotated[str, typer.Option(help="When an answer is given up.")] = "30s",
    processes: Annotated[int, typer.Option(min=1, max=64, help="How many send, each its share.")] = 1,
    json: Annotated[str | None, typer.Option(help="Write the report to this file; - prints it.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the report to this PNG file.")] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option("--fail-if", help="Exit with 1 if 'p99>500ms', 'errors>1%', 'not-sent>0'; repeatable."),
    ] = None,
) -> None:
    """Send requests at a rate, whatever becomes of them, and report latencies, errors and scaling."""
    from sagehen.cli.load.command import generate
    from sagehen.cli.load.options import Options

    generate(
        Options(
            target=target,
            rate=rate,
            trace=trace,
            duration=duration,
            evenly=evenly,
            seed=seed,
            body=body,
            body_dir=body_dir,
            content_type=content_type,
            header=header or [],
            method=method,
            sign=sign,
            endpoint_url=endpoint_url,
            aws=aws,
            region=region,
            max_in_flight=max_in_flight,
            timeout=timeout,
            processes=processes,
            json=json,
            picture=picture,
            fail_if=fail_if or [],
            data=data,
        )
    )


@app.command()
def rehearse(
    plan: Annotated[str, typer.Argument(help="A YAML or JSON file (docs/rehearse.md); - is standard input.")],
    data: DataOption,
    exact: Annotated[
        bool, typer.Option("--exact", help="Serve each request, where a sample stands for many otherwise.")
    ] = False,
    aws: Annotated[bool, typer.Option("--aws", help="Recorded metrics are AWS's, not Sagehen's.")] = False,
    region: Annotated[str | None, typer.Option(help="AWS's region.")] = None,
    json: Annotated[str | None, typer.Option(help="Write what was found to this file; - prints it.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the recommended run to this PNG file.")] = None,
) -> None:
    """Simulate traffic against an endpoint or a function: what to set, and what it costs on AWS."""
    from sagehen.cli.rehearse.command import rehearse
    from sagehen.cli.rehearse.options import Options

    rehearse(Options(plan, data, exact, aws, region, json, picture))


@app.command()
def doctor(data: DataOption, port: Annotated[int, typer.Option(min=1, max=65535)] = DEFAULT_PORT) -> None:
    """Tell what this machine can do, and the cure for each lack."""
    from sagehen.cli.doctor import examine

    examine(data, port)


@images.command("use")
def use_environment(
    pattern: Annotated[str, typer.Argument(help="Of image names, such as 'pytorch-training:2.6*'.")],
    environment: Annotated[Path, typer.Argument(metavar="VENV", help="The folder of an environment.")],
    data: DataOption,
) -> None:
    """Let an environment of your own stand for images."""
    from sagehen.cli.images import use

    use(data, pattern, environment)


@images.command("build")
def build_environment(
    name: Annotated[str, typer.Argument(metavar="IMAGE", help="Of AWS's, such as pytorch-training:2.6.0.")],
    data: DataOption,
    all_of_them: Annotated[bool, typer.Option("--all", help="All that a pattern means.")] = False,
) -> None:
    """Build an environment with the packages of one of AWS's images."""
    from sagehen.cli.images import build_for

    build_for(data, name, all_of_them=all_of_them)


@images.command("list")
def list_environments(data: DataOption) -> None:
    """Print what stands for which images, with sizes."""
    from sagehen.cli.images import show

    show(data)


@images.command("remove")
def remove_environment(
    name: Annotated[str, typer.Argument(help="A pattern, the id of a built environment, or its image.")],
    data: DataOption,
) -> None:
    """Forget a mapping, or delete a built environment."""
    from sagehen.cli.images import remove

    remove(data, name)
