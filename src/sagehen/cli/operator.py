"""The operator's acts, and documents: signed calls to the platform's own door, for what AWS's API lacks."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform

# As `gateway.pages.operator` wants it: this is a client, and knows the door alone.
_SIGNING_NAME = "sagehen"
_TIMEOUT_S = 30
_OF_CLUSTERS = ("operator/nodes", "operator/drain", "operator/join-token")


def act(data_folder: Path, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Have the platform do something, with the keys of the account's root; return what it answers.

    Ends the command with a message where nothing runs, or the platform refuses.
    """
    return _ask(data_folder, "POST", f"operator/{name}", json.dumps(document).encode())


def document(data_folder: Path, name: str) -> dict[str, Any]:
    """Return one of the platform's documents, as the account's root sees it; ends as `act` does."""
    return _ask(data_folder, "GET", name, None)


def _ask(data_folder: Path, method: str, page: str, body: bytes | None) -> dict[str, Any]:
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        fail(str(reason))
    url = f"{running.url}/_sagehen/{page}"
    request = urllib.request.Request(  # noqa: S310 - the platform's own URL
        url, body, _signed(running, method, url, body), method=method
    )
    # Loopback is reached by no proxy, whatever the shell says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        fail(_message(error))
    except (OSError, ValueError) as error:
        fail(f"Sagehen does not answer: {error}")


def _signed(running: RunningPlatform, method: str, url: str, body: bytes | None) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method, url, data=body)
    keys = Credentials(running.access_key_id, running.secret_access_key)
    SigV4Auth(keys, _SIGNING_NAME, running.region).add_auth(request)
    return {**dict(request.headers), **({"Content-Type": "application/json"} if body else {})}


def _message(error: urllib.error.HTTPError) -> str:
    try:
        document = json.load(error)
        if error.code == 404 and error.url.endswith(_OF_CLUSTERS):
            return "this platform has no other machines: `sagehen up --cluster ADDRESS`"
        return str(document["message"])
    except (ValueError, KeyError, TypeError):
        return f"Sagehen answers {error.code}"
