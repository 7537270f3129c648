"""RunningPlatform: how the CLI finds the platform, and the clients it speaks to it with."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sagehen.app.reach import CLOSED, Elsewhere
from sagehen.app.settings import data_option


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
            # Loopback is reached by no proxy, whatever the shell says. A platform that hangs is told from
            # one that is slow within half a minute: `sagehen down` must stop it all the same.
            config=Config(proxies={}, connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1}),
        )

    def jobs_and_endpoints(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the summaries of training jobs in progress, and of all endpoints, of this region.

        Raises:
            BotoCoreError: It does not answer.
        """
        sagemaker = self.client("sagemaker")
        pages = sagemaker.get_paginator("list_training_jobs").paginate(StatusEquals="InProgress")
        jobs = [job for page in pages for job in page["TrainingJobSummaries"]]
        pages = sagemaker.get_paginator("list_endpoints").paginate()
        return jobs, [endpoint for page in pages for endpoint in page["Endpoints"]]

    def other_jobs(self) -> list[tuple[str, str, str]]:
        """Return kind, name and status of this region's processing and transform jobs in progress.

        Raises:
            BotoCoreError: It does not answer.
        """
        found = []
        for kind in ("Processing", "Transform"):
            pages = self.client("sagemaker").get_paginator(f"list_{kind.lower()}_jobs")
            for page in pages.paginate(StatusEquals="InProgress"):
                found += [
                    (kind.lower(), job[f"{kind}JobName"], job[f"{kind}JobStatus"])
                    for job in page[f"{kind}JobSummaries"]
                ]
        return found

    def notebook_instances(self) -> list[dict[str, Any]]:
        """Return the summaries of this region's notebook instances.

        Raises:
            BotoCoreError: It does not answer.
        """
        pages = self.client("sagemaker").get_paginator("list_notebook_instances").paginate()
        return [instance for page in pages for instance in page["NotebookInstances"]]

    def machines(self) -> list[dict[str, Any]]:
        """Return this region's EC2 instances that are not terminated.

        Raises:
            BotoCoreError: It does not answer.
        """
        pages = self.client("ec2").get_paginator("describe_instances").paginate()
        found = [item for page in pages for group in page["Reservations"] for item in group["Instances"]]
        return [item for item in found if item["State"]["Name"] != "terminated"]

    def health(self) -> dict[str, Any]:
        """Ask the front door how it is.

        Raises:
            OSError: It does not answer.
        """
        return ask_health(self.url)


def ask_health(url: str) -> dict[str, Any]:
    """Ask whatever listens at this URL for the platform's health page.

    Raises:
        OSError, ValueError: It does not answer, or is no platform.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/_sagehen/health", timeout=2) as answer:
        facts = json.load(answer)
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
