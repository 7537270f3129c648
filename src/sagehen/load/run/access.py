"""Access: where AWS's API is, and as whom it is spoken to."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sagehen.load.outgoing.order import Keys

_TIMEOUT_S = 5


@dataclass(frozen=True, slots=True)
class Access:
    """For boto3's clients and for what is signed without them. Blocking.

    Args:
        endpoint_url: None takes what the AWS SDKs would: AWS_ENDPOINT_URL, a profile's, AWS itself.
        region: None likewise.
        keys: None likewise.
    """

    endpoint_url: str | None = None
    region: str | None = None
    keys: Keys | None = None

    def client(self, service: str) -> Any:
        """Return a boto3 client that neither repeats nor waits long.

        Raises:
            BotoCoreError: There is no region, no such profile, and the like.
        """
        import boto3
        from botocore.config import Config

        keys = self.keys
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=keys and keys.access_key,
            aws_secret_access_key=keys and keys.secret_key,
            aws_session_token=keys and keys.token,
            config=Config(
                connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries={"total_max_attempts": 1}
            ),
        )


def time_scale(url: str) -> float:
    """Return how fast the clock of the platform behind a URL runs; 1 where it is AWS or says nothing."""
    parts = urlsplit(url)
    if ".amazonaws." in parts.netloc:
        return 1.0
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{parts.scheme}://{parts.netloc}/_sagehen/health", timeout=_TIMEOUT_S) as answer:
            facts = json.loads(answer.read(65536))
        return float(facts["time_scale"])
    except (OSError, ValueError, KeyError, TypeError):
        return 1.0
