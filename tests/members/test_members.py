"""No member is accepted and then dropped, but those that `dropped.py` gives a reason for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.members.bases import base_of, freshened, in_order
from tests.members.dropped import DROPPED, UNPROBED
from tests.members.probes import probes
from tests.members.working import Requests, renewed, working_requests
from tests.running import ACCOUNTS, RunningSagehen
from tests.stress import world

# These start jobs and instances for every probe, or wait; what they do with members their own tests say.
_LEFT_OUT = {
    "CreateEndpoint", "UpdateEndpoint", "CreateTrainingJob", "CreateProvisionedConcurrencyConfig",
    "CreateHyperParameterTuningJob", "CreateNotebookInstance", "RunInstances", "StartInstances",
    "CreateProcessingJob", "CreateTransformJob", "CreateInferenceRecommendationsJob",
}  # fmt: skip
# Their operations need an endpoint or a machine that runs, or an account's id in the host name.
_NOT_PROBED = {"sagemaker-runtime", "s3control", "ec2-instance-connect"}


class Spied(RunningSagehen):
    """A platform whose handlers write down what they read."""

    @property
    def notes(self) -> Path:
        return self.data_folder.parent / "notes.jsonl"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.members.spy", str(self.notes), "up"]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spied]:
    running = Spied(tmp_path_factory.mktemp("members") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def known(platform: Spied) -> dict[str, list[Any]]:
    made = world.build(platform)
    kms = _client(platform, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_grant(
        KeyId=key, GranteePrincipal=world.ROLE, RetiringPrincipal=world.ROLE, Operations=["Encrypt"]
    )
    for name in ("KeyId", "TargetKeyId", "DestinationKeyId"):
        made[name.lower()] = [key]
    return made


@pytest.fixture(scope="module")
def working(platform: Spied, known: dict[str, list[Any]]) -> Requests:
    return working_requests(lambda service: _client(platform, service))


def _client(platform: Spied, service: str) -> Any:
    key, secret = ACCOUNTS["123456789012"].split(":")
    session = botocore.session.get_session()
    return session.create_client(
        service,
        region_name="us-east-1",
        endpoint_url=platform.url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(
            retries={"total_max_attempts": 1}, read_timeout=60, request_checksum_calculation="when_required"
        ),
    )


def declared() -> dict[str, list[str]]:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text().split("\n## ")[1:]
    return {part.split("\n")[0]: part.split("\n", 2)[2].strip().split(", ") for part in page}


def asked(client: Any, operation: str, request: dict[str, Any]) -> str | None:
    """Return the id of a request that was accepted; None where it was refused."""
    try:
        answer = client._make_api_call(operation, request)
    except (ClientError, BotoCoreError):
        return None
    for value in answer.values():
        if hasattr(value, "close"):
            value.close()
    metadata = answer["ResponseMetadata"]
    return str(metadata.get("RequestId") or metadata["HTTPHeaders"].get("x-amzn-requestid", ""))


def read_by_request(platform: Spied) -> dict[str, set[tuple[str, ...]]]:
    lines = (json.loads(line) for line in platform.notes.read_text().splitlines())
    return {line["id"]: {tuple(path) for path in line["read"]} for line in lines}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", sorted(declared()))
def test_every_member_that_is_accepted_is_read(
    platform: Spied, known: dict[str, list[Any]], working: Requests, service: str
) -> None:
    client = _client(platform, service)
    accepted: dict[str, tuple[str, tuple[str, ...]]] = {}
    worked, unprobed = 0, set[str]()

    def request_id_of(name: str, request: dict[str, Any]) -> str | None:
        return asked(client, name, renewed(client, name, freshened(service, name, request)))

    for name in in_order(declared()[service]):
        if name in _LEFT_OUT:
            continue
        operation = client.meta.service_model.operation_model(name)
        base = working.get((service, name)) or base_of(service, operation, known)
        if base is None or request_id_of(name, base) is None:
            if operation.input_shape and set(operation.input_shape.members) - set(base or ()):
                unprobed.add(name)
            continue
        worked += 1
        for path, request in probes(operation, base, known):
            if request_id := request_id_of(name, request):
                accepted[request_id] = (name, path)
    read = read_by_request(platform)
    dropped = {
        f"{name} {'.'.join(path)}"
        for request_id, (name, path) in accepted.items()
        if request_id in read and path not in read[request_id]
    }
    print(f"{service}: {worked} operations, {len(accepted)} members accepted, {len(dropped)} not read")
    if service not in _NOT_PROBED:
        assert accepted, "nothing was accepted: the test would prove nothing"
    reasons = set(DROPPED.get(service, {}))
    assert sorted(dropped - reasons) == [], f"accepted and never read: {sorted(dropped - reasons)}"
    assert sorted(reasons - dropped) == [], "read, or refused: a reason too many hides the next fault"
    assert sorted(unprobed - UNPROBED.get(service, set())) == [], "no request for them works"
    assert sorted(UNPROBED.get(service, set()) - unprobed) == [], "a request for them works by now"
