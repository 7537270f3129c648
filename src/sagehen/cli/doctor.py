"""`sagehen doctor`: what this machine can do, and the cure for each lack."""

from __future__ import annotations

import importlib.metadata
import shutil
import socket
import sys
from pathlib import Path

import typer

from sagehen.cli.running import NotRunning, RunningPlatform, ask_health
from sagehen.console.built import Build
from sagehen.executors.probe import probe

# A training job keeps its input, its output and the archive at once.
_COMFORTABLE_FREE_GB = 10


def examine(data_folder: Path, port: int) -> None:
    """Print one line per finding; exit status 1 if jobs cannot run here."""
    report = probe()
    _line(
        report.sandboxes,
        "sandbox",
        f"bubblewrap {report.bubblewrap_version} at {report.bubblewrap}"
        if report.sandboxes
        else "unavailable",
    )
    _line(True, "limits", report.limits)
    _line(True, "volumes", report.volumes or "none")
    filled = "when jobs open them" if report.openings else "before the start: root could do better"
    _line(True, "FastFile", f"what cannot be shown as it lies in the store is written out {filled}")
    if report.sandboxes:
        _line(True, "EC2 machines", f"a root disk of their own that stays: {report.machine_root}")
    _line(True, "processors", f"{report.cpus}, memory {report.memory_mib / 1024:.1f} GiB")
    _line(True, "GPUs", ", ".join(report.gpus) or "none: training and serving use the processors")
    _line(True, "Python", f"{sys.version.split()[0]} at {sys.prefix}")
    torch = _version("torch")
    _line(torch is not None, "PyTorch", torch or "missing: framework images cannot run")
    if torch is None:
        _cure(f"`{sys.executable} -m pip install torch`, or `make environment` in the project's folder")
    drawing = _version("matplotlib")
    _line(drawing is not None, "pictures", f"matplotlib {drawing}" if drawing else "none are drawn")
    if drawing is None:
        _cure("pip install 'sagehen[plots]'")
    built = Build().exists
    _line(built, "console", "built" if built else "not built: /console/ has no page")
    if not built:
        _cure("scripts/console in the project's folder: with Node.js 20.19, or with PyPI's")
    _examine_port(data_folder, port)
    _examine_disk(data_folder)
    for lack in report.lacks:
        _line(False, "missing", lack.what)
        _cure(lack.cure)
    if not report.sandboxes or torch is None:
        raise typer.Exit(1)


def _examine_port(data_folder: Path, port: int) -> None:
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning:
        with socket.socket() as probe_socket:
            taken = probe_socket.connect_ex(("127.0.0.1", port)) == 0
        if taken:
            _line(False, "port", f"{port} is taken by {_who_listens(port)}")
            _cure("sagehen up --port 0 takes a free one")
        else:
            _line(True, "port", f"{port} is free")
    else:
        _line(True, "port", f"{running.port}, served by Sagehen (pid {running.pid})")


def _who_listens(port: int) -> str:
    try:
        facts = ask_health(f"http://127.0.0.1:{port}")
    except (OSError, ValueError):
        return "another program"
    return f"a Sagehen with another data folder: {facts.get('data', 'unknown')}"


def _examine_disk(data_folder: Path) -> None:
    place = data_folder.absolute()
    while not place.exists():
        place = place.parent
    free_gb = shutil.disk_usage(place).free / 1e9
    enough = free_gb >= _COMFORTABLE_FREE_GB
    _line(enough, "disk", f"{free_gb:.0f} GB free for {data_folder}")
    if not enough:
        _cure("sagehen up --data FOLDER on a larger disk")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _line(good: bool, what: str, finding: str) -> None:
    typer.secho(f"{'ok ' if good else 'no '} {what:<11} {finding}", fg=None if good else "red")


def _cure(text: str) -> None:
    typer.echo(f"    cure: {text}")
