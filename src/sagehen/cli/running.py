"""RunningPlatform: how the CLI finds the platform, and the clients it speaks to it with."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil

from sagehen.app.reach import CLOSED, Elsewhere
from sagehen.app.settings import data_option

# A platform that hangs is told from one that is slow: `sagehen down` must stop it all the same.
_ANSWER_S = 30.0
_IN_PROGRESS = {"StatusEquals": "InProgress"}


class NotRunning(Exception):
    """No platform serves this data folder."""


@dataclass(frozen=True, slots=True)
class RunningPlatform:
    """What `platform.json` and `credentials.json` of a data folder say."""

    data_folder: Path
    pid: int
    host: str
    port: int
    region: str
    account_id: str
    access_key_id: str
    secret_access_key: str
    ca_certificate: str
    elsewhere: Elsewhere = CLOSED

    @classmethod
    def find(cls, data_folder: Path) -> RunningPlatform:
        """Read who serves the folder.

        Raises:
            NotRunning: Nobody does.
        """
        try:
            facts = json.loads((data_folder / "platform.json").read_text())
            keys = json.loads((data_folder / "credentials.json").read_text())
        except FileNotFoundError:
            raise NotRunning(
                f"Sagehen is not running on {data_folder} "
                f"(start it with `sagehen up{data_option(data_folder)}`)"
            ) from None
        except OSError as error:  # another user's, or a file in the place of a folder
            raise NotRunning(f"{data_folder} is no data folder of yours: {error.strerror}") from None
        # A platform that was killed leaves its file behind; pids are reused, start times are not.
        if not _is_alive(facts["pid"], facts["started"]):
            raise NotRunning(
                f"Sagehen is not running on {data_folder}: it ended without `sagehen down`; "
                f"`sagehen up{data_option(data_folder)}` brings everything back"
            )
        return cls(
            data_folder=data_folder,
            pid=facts["pid"],
            host=facts["host"],
            port=facts["port"],
            region=facts["region"],
            account_id=facts["account_id"],
            access_key_id=keys[facts["account_id"]]["access_key_id"],
            secret_access_key=keys[facts["account_id"]]["secret_access_key"],
            ca_certificate=facts["ca_certificate"],
            elsewhere=Elsewhere(**facts.get("elsewhere", {})),
        )

    @property
    def url(self) -> str:
        # Who listens on every address is reached on loopback; the proxy door leads to no unspecified one.
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.port}"

    def client(self, service: str) -> Any:
        """Return a boto3 client of the account's root."""
        import boto3  # 150 ms: only the commands that call the API pay for it
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            # Loopback is reached by no proxy, whatever the shell says.
            config=Config(
                proxies={}, connect_timeout=5, read_timeout=_ANSWER_S, retries={"total_max_attempts": 1}
            ),
        )

    def jobs_and_endpoints(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the summaries of training jobs in progress, and of all endpoints, of this region.

        Raises:
            BotoCoreError, OSError, ValueError: It does not answer; so do all that follow.
        """
        jobs = self._listed("sagemaker", "list_training_jobs", "TrainingJobSummaries", _IN_PROGRESS)
        return [*jobs], [*self._listed("sagemaker", "list_endpoints", "Endpoints")]

    def other_jobs(self) -> list[tuple[str, str, str]]:
        """Return kind, name and status of this region's processing and transform jobs in progress."""
        return [
            (kind.lower(), job[f"{kind}JobName"], job[f"{kind}JobStatus"])
            for kind in ("Processing", "Transform")
            for job in self._listed(
                "sagemaker", f"list_{kind.lower()}_jobs", f"{kind}JobSummaries", _IN_PROGRESS
            )
        ]

    def notebook_instances(self) -> list[dict[str, Any]]:
        """Return the summaries of this region's notebook instances."""
        return [*self._listed("sagemaker", "list_notebook_instances", "NotebookInstances")]

    def functions(self) -> list[dict[str, Any]]:
        """Return this region's functions."""
        return [*self._listed("lambda", "list_functions", "Functions")]

    def machines(self) -> list[dict[str, Any]]:
        """Return this region's EC2 instances that are not terminated."""
        groups = self._listed("ec2", "describe_instances", "Reservations")
        found = [item for group in groups for item in group["Instances"]]
        return [item for item in found if item["State"]["Name"] != "terminated"]

    def _listed(
        self, service: str, operation: str, member: str, wanted: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield all that a service lists.

        One that is not loaded holds nothing, and asking would load it: for `sagehen down`, of all commands.
        A platform that does not say what it has loaded is of an older Sagehen than this command.
        """
        if service in self.health().get("loaded", (service,)):
            for page in self.client(service).get_paginator(operation).paginate(**(wanted or {})):
                yield from page[member]

    def health(self) -> dict[str, Any]:
        """Ask the front door how it is.

        Raises:
            OSError, ValueError: It does not answer.
        """
        return ask_health(self.url, _ANSWER_S)


def ask_health(url: str, timeout_s: float = 2) -> dict[str, Any]:
    """Ask whatever listens at this URL for the platform's health page.

    Raises:
        OSError, ValueError: It does not answer, or is no platform.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/_sagehen/health", timeout=timeout_s) as answer:
            facts = json.load(answer)
    except HTTPException as error:  # half of an answer, or none of HTTP's
        raise ValueError(f"{url} is no platform: {error!r}") from None
    if not isinstance(facts, dict) or "services" not in facts:
        raise ValueError(f"{url} is no platform")
    return facts


def _is_alive(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        # In a container nobody may be there to collect what was killed: it stays as a zombie.
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - started) < 2
    except psutil.Error:
        return False
