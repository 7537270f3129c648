"""Story: what every chapter of the demo shares: clients, names, the clock on the wall, the printing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from rich.console import Console

ROLE = "arn:aws:iam::{account}:role/service-role/SagehenSageMakerExecutionRole"
TRAINING_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py311"
INFERENCE_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py311"


@dataclass
class Story:
    """One run of the demo.

    Args:
        url: The platform's address.
        keys: Root's access key id and secret.
        images: The image folder: `train|valid|test/<class>/*.jpg`.
        model: The network's name for the recipe.
        epochs: None takes the recipe's own choice.
        trials: Of the tuning job; none without.
        machines: Of the cluster; 1: there is none. Each of the two endpoints has an instance on each.
        wireless: Why no job can have hosts on several of them; None: one can.
        console: Where to print.
    """

    url: str
    account: str
    region: str
    keys: tuple[str, str]
    images: Path
    model: str
    epochs: int | None
    trials: int = 0
    machines: int = 1
    wireless: str | None = None
    console: Console = field(default_factory=lambda: Console(highlight=False))
    bucket: str = "dog-breeds"
    page: str = ""
    more_endpoints: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    chapters: int = 0

    def client(self, service: str, credentials: dict[str, str] | None = None) -> Any:
        """Return a boto3 client: root's, or with the `Credentials` of an AssumeRole answer."""
        access_key_id, secret = self.keys
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=credentials["AccessKeyId"] if credentials else access_key_id,
            aws_secret_access_key=credentials["SecretAccessKey"] if credentials else secret,
            aws_session_token=credentials["SessionToken"] if credentials else None,
            # No proxy leads to loopback, whatever the shell says.
            config=Config(max_pool_connections=16, retries={"total_max_attempts": 2}, proxies={}),
        )

    @staticmethod
    def policy(statement: dict[str, object]) -> str:
        """Return a policy document that allows one thing."""
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})

    @property
    def role(self) -> str:
        return ROLE.format(account=self.account)

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """Print a heading with its number, and afterwards how long it took."""
        self.chapters += 1
        self.console.print(f"\n[bold]{self.chapters}. {title}[/bold]")
        began = time.perf_counter()
        yield
        self.console.print(f"  [dim]{time.perf_counter() - began:.1f} s[/dim]")

    def say(self, text: str) -> None:
        self.console.print(f"  {text}", markup=False, soft_wrap=True)

    def record(self, what: str, value: str) -> None:
        """Keep a row for the table at the end."""
        self.facts.append((what, value))
