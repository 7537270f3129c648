"""`sagehen status`: is it running, and what runs on it."""

from __future__ import annotations

from pathlib import Path

import psutil
import typer

from sagehen.cli.operator import act
from sagehen.cli.running import NotRunning, RunningPlatform


def show(data_folder: Path) -> None:
    """Print the platform's facts and what runs on it; exit status 1 where it does not run."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
        health = running.health()
    except NotRunning as reason:
        print(reason)
        raise typer.Exit(1) from None
    except (OSError, ValueError) as error:
        print(f"Sagehen (see {data_folder}/platform.log) does not answer: {error}")
        raise typer.Exit(1) from None
    memory_mb = psutil.Process(running.pid).memory_info().rss / 1e6
    print(f"Sagehen {health['version']} at {running.url}  pid {running.pid}, {memory_mb:.0f} MB")
    print(f"  data      {running.data_folder}")
    print(f"  account   {running.account_id}, region {running.region}")
    print(f"  services  {', '.join(health['services'])}")
    if running.elsewhere.url:
        print(f"  open to   other machines, at {running.elsewhere.url}")
    print(f"  sandbox   {health.get('sandbox', 'unknown')}")
    if (patience_s := health.get("queue_excess_s")) is not None:
        print(f"  functions beyond their concurrency wait up to {patience_s:g} s, where AWS answers 429")
    jobs, endpoints = running.jobs_and_endpoints()
    for job in jobs:
        print(f"  training  {job['TrainingJobName']}  {job['TrainingJobStatus']}")
    others = running.other_jobs()
    for kind, name, state in others:
        print(f"  {kind:<9} {name}  {state}")
    for endpoint in endpoints:
        print(f"  endpoint  {endpoint['EndpointName']}  {endpoint['EndpointStatus']}")
    notebooks = running.notebook_instances()
    for notebook in notebooks:
        address = f"  http://{notebook['Url']}" if notebook["NotebookInstanceStatus"] == "InService" else ""
        print(
            f"  notebook  {notebook['NotebookInstanceName']}  {notebook['NotebookInstanceStatus']}{address}"
        )
    machines = running.machines()
    ports = act(data_folder, "ssh-ports", {})["Ports"] if machines else {}
    for machine in machines:
        facts = [machine["InstanceType"], machine["State"]["Name"], machine.get("PublicIpAddress", "")]
        if (port := ports.get(machine["InstanceId"])) is not None:
            facts.append(f"ssh: port {port}")
        print(f"  machine   {machine['InstanceId']}  {'  '.join(facts)}")
    if not jobs and not others and not endpoints and not notebooks and not machines:
        print("  nothing is training or being served")
