"""`sagehen status`: is it running, and what runs on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import typer

from sagehen.cli.operator import act
from sagehen.cli.running import NotRunning, RunningPlatform


def show(data_folder: Path) -> None:
    """Print the platform's facts and what runs on it; exit status 1 where it does not run, or answer."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        running = RunningPlatform.find(data_folder.absolute())
        health = running.health()
    except NotRunning as reason:
        print(reason)
        raise typer.Exit(1) from None
    except (OSError, ValueError) as error:
        print(f"Sagehen (see {data_folder}/platform.log) does not answer: {error}")
        raise typer.Exit(1) from None
    for line in _facts(running, health):
        print(line)
    try:
        lines = [*_work(running), *_machines(running, data_folder)]
    except (BotoCoreError, ClientError, OSError, ValueError) as error:
        print(f"  (what runs could not be asked: {error})")
        raise typer.Exit(1) from None
    for line in lines or ["nothing is training or being served"]:
        print(f"  {line}")


def _facts(running: RunningPlatform, health: Mapping[str, Any]) -> Iterator[str]:
    memory_mb = psutil.Process(running.pid).memory_info().rss / 1e6
    yield f"Sagehen {health['version']} at {running.url}  pid {running.pid}, {memory_mb:.0f} MB"
    yield f"  data      {running.data_folder}"
    yield f"  account   {running.account_id}, region {running.region}"
    yield f"  services  {', '.join(health['services'])}"
    if running.elsewhere.url:
        yield f"  open to   other machines, at {running.elsewhere.url}"
    yield f"  sandbox   {health.get('sandbox', 'unknown')}"
    if (patience_s := health.get("queue_excess_s")) is not None:
        yield f"  functions beyond their concurrency wait up to {patience_s:g} s, where AWS answers 429"


def _work(running: RunningPlatform) -> Iterator[str]:
    jobs, endpoints = running.jobs_and_endpoints()
    for job in jobs:
        yield f"training  {job['TrainingJobName']}  {job['TrainingJobStatus']}"
    for kind, name, state in running.other_jobs():
        yield f"{kind:<9} {name}  {state}"
    for endpoint in endpoints:
        yield f"endpoint  {endpoint['EndpointName']}  {endpoint['EndpointStatus']}"
    for notebook in running.notebook_instances():
        state = notebook["NotebookInstanceStatus"]
        address = f"  http://{notebook['Url']}" if state == "InService" else ""
        yield f"notebook  {notebook['NotebookInstanceName']}  {state}{address}"


def _machines(running: RunningPlatform, data_folder: Path) -> Iterator[str]:
    machines = running.machines()
    ports = act(data_folder, "ssh-ports", {})["Ports"] if machines else {}
    for machine in machines:
        facts = [machine["InstanceType"], machine["State"]["Name"], machine.get("PublicIpAddress", "")]
        if (port := ports.get(machine["InstanceId"])) is not None:
            facts.append(f"ssh: port {port}")
        yield f"machine   {machine['InstanceId']}  {'  '.join(facts)}"
