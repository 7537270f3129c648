"""The `sagehen` command: one line per subcommand; each lives in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sagehen import __version__
from sagehen.app.settings import DEFAULT_PORT, default_data_folder
from sagehen.cli.export.options import Options as ExportOptions
from sagehen.cli.load.options import Options as LoadOptions
from sagehen.cli.options import DataOption, given_as
from sagehen.cli.rehearse.options import Options as RehearseOptions
from sagehen.cli.up.options import Options as UpOptions

app = typer.Typer(
    name="sagehen",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

images = typer.Typer(
    no_args_is_help=True,
    help="Images of your own, and which Python environments stand for others (docs/environments.md).",
)
app.add_typer(images, name="images")


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
@given_as(UpOptions)
def up(options: UpOptions) -> None:
    """Start the platform (Ctrl-C stops it)."""
    from sagehen.cli.up.command import start
    from sagehen.cli.up.settings import choose_settings

    start(choose_settings(options), detach=options.detach)


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
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="For a shell on another machine (`sagehen up --host`).")
    ] = False,
) -> None:
    """Print shell exports: eval "$(sagehen env)"."""
    from sagehen.cli.env.command import show

    show(data, role, elsewhere=elsewhere)


@app.command()
def ca(data: DataOption) -> None:
    """Print the certificate of the platform's own CA, for clients on other machines (AWS_CA_BUNDLE)."""
    from sagehen.cli.ca import show

    show(data)


@app.command()
def console(
    data: DataOption,
    role: Annotated[str | None, typer.Option(help="See it as this role does (a name or an ARN).")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Open the console in a browser: its address has a token that is good once."""
    from sagehen.cli.console import show

    show(data, role, browser=not no_browser)


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
def capacity(
    data: DataOption,
    instance_type: Annotated[
        str | None, typer.Argument(metavar="TYPE", help="Such as ml.m5.large; none: list all.")
    ] = None,
    unavailable: Annotated[bool, typer.Option("--unavailable", help="AWS has none left.")] = False,
    available: Annotated[bool, typer.Option("--available", help="Take everything back.")] = False,
    limit: Annotated[int | None, typer.Option(min=0, help="The account's quota, for each use.")] = None,
) -> None:
    """Say what can be had of an instance type: jobs and endpoints then fail as on AWS."""
    from sagehen.cli.instances.capacity import change

    change(data, instance_type, unavailable=unavailable, available=available, limit=limit)


@app.command()
def instances(
    pattern: Annotated[str, typer.Argument(help="Such as 'g6.*' or 'ml.*' (SageMaker's).")] = "*",
    gpu: Annotated[bool, typer.Option("--gpu", help="Only types with NVIDIA GPUs.")] = False,
    max_price: Annotated[float | None, typer.Option(min=0, help="USD per hour.")] = None,
) -> None:
    """Print instance types with AWS's price, and what this machine gives them."""
    from sagehen.cli.instances.types import show

    show(pattern, gpu=gpu, max_price=max_price)


@app.command()
def cost(data: DataOption) -> None:
    """Print what machines, jobs, endpoints and notebooks cost at AWS's list prices."""
    from sagehen.cli.cost import show

    show(data)


@app.command()
def ssh(
    instance: Annotated[str, typer.Argument(metavar="INSTANCE", help="The id of an instance that runs: i-…")],
    data: DataOption,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="[-- COMMAND]", help="Instead of a shell.")
    ] = None,
) -> None:
    """Log in to an EC2 instance with a key for this one time, or run a command there."""
    from sagehen.cli.instances.ssh import ssh

    raise typer.Exit(ssh(data, instance, command or ()))


@app.command()
def interrupt(
    job: Annotated[str, typer.Argument(metavar="JOB", help="A spot training job, or a Spot instance.")],
    data: DataOption,
) -> None:
    """Take a spot job's instances away, as AWS may at any time; it starts again. An instance ends."""
    from sagehen.cli.instances.interrupt import interrupt

    interrupt(data, job)


@app.command()
def nodes(
    data: DataOption,
    invite: Annotated[
        bool, typer.Option("--invite", help="Print what another machine types to become one.")
    ] = False,
    hours: Annotated[int, typer.Option(min=1, max=168, help="For how long that is good.")] = 1,
    revoke: Annotated[bool, typer.Option("--revoke", help="Let no earlier invitation be good.")] = False,
    remove: Annotated[
        str | None, typer.Option(metavar="NODE", help="Let a machine be none, for good, and not link again.")
    ] = None,
) -> None:
    """Print the machines of a platform with --cluster: what they have, and what runs there."""
    from sagehen.cli import cluster

    if revoke:
        cluster.revoke(data)
    if remove is not None:
        cluster.remove(data, remove)
    if invite or not (revoke or remove):
        cluster.show(data, invite=invite, hours=hours)


@app.command()
def drain(
    node: Annotated[str, typer.Argument(metavar="NODE", help="As `sagehen nodes` names it.")],
    data: DataOption,
    undo: Annotated[bool, typer.Option("--undo", help="It takes instances again.")] = False,
) -> None:
    """Place nothing new on a node; what runs there goes on."""
    from sagehen.cli.cluster import drain

    drain(data, node, undo=undo)


_NodeFolder = Annotated[
    Path,
    typer.Option(
        help="Of the node: what it is known by, and what runs there.",
        default_factory=lambda: default_data_folder().with_name("sagehen-node"),
        show_default=False,
    ),
]


@app.command()
def join(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="As `sagehen nodes --invite` prints it.")],
    folder: _NodeFolder,
    token: Annotated[str | None, typer.Option(help="The first time: what lets this machine in.")] = None,
) -> None:
    """Make this machine a node of a platform with --cluster (Ctrl-C ends it)."""
    from sagehen.cli.cluster import join

    join(address, token, folder)


@app.command()
def leave(folder: _NodeFolder) -> None:
    """Stop the node that runs on this machine; what runs there is started again on others."""
    from sagehen.cli.cluster import leave

    leave(folder)


@app.command()
@given_as(LoadOptions)
def load(options: LoadOptions) -> None:
    """Send requests at a rate, whatever becomes of them, and report latencies, errors and scaling."""
    from sagehen.cli.load.command import generate

    generate(options)


@app.command()
@given_as(RehearseOptions)
def rehearse(options: RehearseOptions) -> None:
    """Simulate traffic against an endpoint or a function: what to set, and what it costs on AWS."""
    from sagehen.cli.rehearse.command import rehearse

    rehearse(options)


@app.command()
@given_as(ExportOptions)
def export(options: ExportOptions) -> None:
    """Write what is here as a template that AWS takes: an endpoint's chain, or everything."""
    from sagehen.cli.export.command import export

    export(options)


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
    from sagehen.cli.images.command import use

    use(data, pattern, environment)


@images.command("build")
def build_environment(
    name: Annotated[str, typer.Argument(metavar="IMAGE", help="Of AWS's, such as pytorch-training:2.6.0.")],
    data: DataOption,
    all_of_them: Annotated[bool, typer.Option("--all", help="All that a pattern means.")] = False,
) -> None:
    """Build an environment with the packages of one of AWS's images."""
    from sagehen.cli.images.command import build_for

    build_for(data, name, all_of_them=all_of_them)


@images.command("import")
def images_import(
    file: Annotated[
        Path, typer.Argument(help="Of `docker save` or `podman save`, or an OCI layout.", exists=True)
    ],
    data: DataOption,
    name: Annotated[str | None, typer.Option(help="REPOSITORY:TAG; as the file has it.")] = None,
) -> None:
    """Push the images of a file to the running platform's registry (docs/bring-your-image.md)."""
    from sagehen.cli.images.own.command import bring

    bring(data, file, name)


@images.command("list")
def list_environments(data: DataOption) -> None:
    """Print what stands for which images, with sizes."""
    from sagehen.cli.images.command import show

    show(data)


@images.command("remove")
def remove_environment(
    name: Annotated[str, typer.Argument(help="A pattern, the id of a built environment, or its image.")],
    data: DataOption,
) -> None:
    """Forget a mapping, or delete a built environment."""
    from sagehen.cli.images.command import remove

    remove(data, name)
