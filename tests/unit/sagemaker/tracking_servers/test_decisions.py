"""What a tracking server needs next, what may be asked of it when, which action a request needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.domain.scope import Scope
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.resolver import EnvironmentGone
from sagehen.protocol.identification.host_names import tracking_labels
from sagehen.services.sagemaker.tracking_servers import acceptance
from sagehen.services.sagemaker.tracking_servers.acceptance import ConflictException
from sagehen.services.sagemaker.tracking_servers.actions import action_of
from sagehen.services.sagemaker.tracking_servers.addresses import page_address
from sagehen.services.sagemaker.tracking_servers.plan import Action, plan
from sagehen.services.sagemaker.tracking_servers.programs import ProgramMissing, Programs
from sagehen.services.sagemaker.tracking_servers.tracking_server import Settings, TrackingServer
from sagehen.upkeep.keeping import End, Fail, Failures, Launch, Open, Remove, Settle
from sagehen.upkeep.pauses import Rest, Wait
from sagehen.upkeep.run import Phase

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ASKED = {"ArtifactStoreUri": "s3://owls/runs/", "RoleArn": "arn:aws:iam::123456789012:role/r"}
SETTINGS = Settings("s3://owls/runs", ASKED["RoleArn"])
SERVER = TrackingServer(
    Scope("123456789012", "us-east-1"), "Owls", NOW, NOW, "Created", "an-id", "t-1", SETTINGS
)
TWICE, OFTEN = Failures(2, 100.0, "why"), Failures(3, 100.0, "why")
OTHER = replace(SETTINGS, size="Large")


def at(status: str) -> TrackingServer:
    return replace(SERVER, status=status)


@pytest.mark.parametrize(
    ("status", "phase", "running", "failures", "action"),
    [
        ("Creating", None, None, None, Launch()),
        ("Creating", "starting", SETTINGS, None, Wait()),
        ("Creating", "ready", SETTINGS, None, Open()),
        ("Creating", None, None, Failures(1, 100.0, "why"), Fail("why")),
        ("Created", "ready", SETTINGS, None, Wait()),
        ("Created", None, None, None, Launch()),  # the platform has started again
        ("Created", None, None, Failures(1, 100.0, "why"), Launch()),
        ("Created", None, None, TWICE, Wait(102.0)),
        ("Started", None, None, OFTEN, Fail("why")),
        ("Updating", "ready", OTHER, None, End()),
        ("Updating", "stopping", OTHER, None, Wait()),
        ("Updating", "ready", SETTINGS, None, Open()),
        ("Stopping", "ready", SETTINGS, None, End()),
        ("Stopping", "stopping", SETTINGS, None, Wait()),
        ("Stopping", None, None, None, Settle()),
        ("Deleting", None, None, None, Remove()),
        ("Deleting", "ready", SETTINGS, None, End()),
        ("Stopped", None, None, None, Rest()),
        ("StartFailed", None, None, None, Rest()),
    ],
)
def test_what_it_needs_next(
    status: str, phase: Phase | None, running: Settings | None, failures: Failures | None, action: Action
) -> None:
    assert plan(at(status), phase, running, failures, 100.5) == action


@pytest.mark.parametrize(
    ("status", "then"),
    [("Creating", "Created"), ("Updating", "Updated"), ("Starting", "Started"), ("Created", "Created")],
)
def test_what_it_is_once_it_answers(status: str, then: str) -> None:
    answering = at(status).answering("3.17.2")
    assert (answering.status, answering.mlflow) == (then, "3.17.2")


@pytest.mark.parametrize(
    ("status", "then"),
    [("Creating", "CreateFailed"), ("Updating", "UpdateFailed"), ("Created", "StartFailed"),
     ("Stopping", "Stopping"), ("Deleting", "Deleting")],
)  # fmt: skip
def test_what_it_is_when_it_fails(status: str, then: str) -> None:
    assert at(status).failed("why").status == then


@pytest.mark.parametrize(
    ("status", "to", "refused"),
    [
        ("Created", "Stopping", False), ("Updated", "Stopping", False), ("Stopped", "Stopping", True),
        ("Creating", "Stopping", True), ("Stopped", "Starting", False), ("StartFailed", "Starting", False),
        ("Started", "Starting", True), ("Started", "Updating", False), ("Stopped", "Updating", True),
    ],
)  # fmt: skip
def test_what_may_be_asked_of_it_when(status: str, to: str, refused: bool) -> None:
    if refused:
        with pytest.raises(ConflictException, match=status):
            acceptance.begun(at(status), to, NOW, {})
    else:
        assert acceptance.begun(at(status), to, NOW, {}).status == to


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"ArtifactStoreUri": "https://owls.s3.amazonaws.com/runs"}, ValidationException, "S3"),
        ({"ArtifactStoreUri": "s3://owls/runs\0"}, ValidationException, "S3"),
        ({"S3BucketOwnerAccountId": "123456789012"}, NotImplementedOperation, "S3BucketOwnerAccountId"),
        ({"S3BucketOwnerVerification": True}, NotImplementedOperation, "S3BucketOwnerVerification"),
    ],
)
def test_what_is_refused(change: dict[str, Any], error: type[ServiceError], words: str) -> None:
    for accept in (acceptance.created, lambda request: acceptance.changed(SETTINGS, request)):
        with pytest.raises(error, match=words):
            accept({**ASKED, **change})


@pytest.mark.parametrize(
    ("since", "asked", "after"),
    [
        (0.0, None, 0.0), (0.0, False, 0.0), (0.0, True, NOW.timestamp()),
        (5.0, None, 5.0), (5.0, True, 5.0), (5.0, False, 0.0),
    ],
)  # fmt: skip
def test_from_when_on_models_are_registered(since: float, asked: bool | None, after: float) -> None:
    request = {} if asked is None else {"AutomaticModelRegistration": asked}
    assert acceptance.registering(since, request, NOW) == after


def test_what_is_accepted_and_changed() -> None:
    assert acceptance.created(ASKED) == SETTINGS
    assert acceptance.changed(SETTINGS, {"TrackingServerSize": "Large"}) == OTHER


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("POST", "/api/2.0/mlflow/runs/create", "CreateRun"),
        ("POST", "/ajax-api/2.0/mlflow/runs/search", "SearchRuns"),
        ("GET", "/api/2.0/mlflow/experiments/get-by-name", "GetExperimentByName"),
        ("DELETE", "/api/2.0/mlflow/registered-models/alias", "DeleteRegisteredModelAlias"),
        ("GET", "/api/2.0/mlflow/registered-models/alias", "GetModelVersionByAlias"),
        ("PATCH", "/api/2.0/mlflow/logged-models/m-1", "FinalizeLoggedModel"),
        ("POST", "/api/2.0/mlflow/logged-models/search", "SearchLoggedModels"),
        ("POST", "/api/3.0/mlflow/traces", "StartTrace"),
        ("GET", "/api/3.0/mlflow/traces/tr-1", "GetTraceInfo"),
        ("GET", "/", "AccessUI"),
        ("GET", "/static-files/main.js", "AccessUI"),
        ("POST", "/graphql", "AccessUI"),
        ("GET", "/api/3.0/mlflow/server-info", "AccessUI"),
        # Spelt otherwise it is the same call: the server behind reads it so.
        ("POST", "/api/2.0/mlflow/%72uns/create", "CreateRun"),
        ("GET", "/api/2.0/mlflow/runs%2Fget", "GetRun"),
        # What would change something, or have the server call somebody, and has no action.
        ("POST", "/api/2.0/mlflow/webhooks", None),
        ("POST", "/ajax-api/3.0/mlflow/gateway/secrets/create", None),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/a", None),
        ("POST", "/", None),
    ],
)
def test_which_action_a_request_needs(method: str, path: str, action: str | None) -> None:
    assert action_of(method, path) == action


@pytest.mark.parametrize(
    ("host", "secure", "url"),
    [
        ("127.0.0.1:4566", False, "http://t-1.experiments.us-east-1.localhost:4566"),
        ("[::1]:4566", False, "http://t-1.experiments.us-east-1.localhost:4566"),
        ("sagemaker.us-east-1.amazonaws.com", True, "https://t-1.us-east-1.experiments.sagemaker.aws"),
    ],
)
def test_where_its_page_is_and_that_the_door_knows_it(host: str, secure: bool, url: str) -> None:
    assert page_address("t-1", "us-east-1", host=host, secure=secure) == url
    name = url.partition("://")[2].partition(":")[0]
    assert tracking_labels(name) == ("t-1", "us-east-1")


@pytest.mark.parametrize(
    ("host", "labels"),
    [
        ("us-east-1.experiments.sagemaker.aws", ("", "us-east-1")),
        ("t-1.us-east-1.experiments.sagemaker.aws", ("t-1", "us-east-1")),
        ("experiments.sagemaker.aws", None),
        ("bucket.experiments.localhost", None),
        ("us-east-1.experiments.example.com", None),
    ],
)
def test_whose_host_names_these_are(host: str, labels: tuple[str, str] | None) -> None:
    assert tracking_labels(host) == labels


class Pythons:
    """An operator's environment, or that it is gone; and the platform's own."""

    def __init__(self, mapped: dict[str, str] | None, own: dict[str, str], gone: bool = False) -> None:
        self._mapped, self._own, self._gone = mapped, own, gone

    def of_operator(self, uri: str) -> Environment | None:
        if self._gone:
            raise EnvironmentGone(f"{uri} is not there any more")
        return None if self._mapped is None else Environment("mapped", "/venv", "3.11.2", self._mapped)

    def local(self) -> Environment:
        return Environment("local", "the local environment", "3.11.2", self._own)


@pytest.mark.parametrize(
    ("pythons", "version"),
    [
        (Pythons(None, {"mlflow": "3.1.0"}), "3.1.0"),
        (Pythons({"mlflow": "2.16.2"}, {"mlflow": "3.1.0"}), "2.16.2"),
    ],
)
def test_which_mlflow_runs(pythons: Pythons, version: str) -> None:
    assert Programs(pythons).find().version == version


@pytest.mark.parametrize(
    ("pythons", "words"),
    [
        (Pythons(None, {}), "sagehen images use mlflow"),
        (Pythons({}, {"mlflow": "3.1.0"}), "sagehen images use mlflow"),
        (Pythons(None, {}, gone=True), "not there any more"),
    ],
)
def test_where_there_is_no_mlflow(pythons: Pythons, words: str) -> None:
    with pytest.raises(ProgramMissing, match=words):
        Programs(pythons).find()
    with pytest.raises(ValidationException, match=words):
        Programs(pythons).require("")


@pytest.mark.parametrize(
    ("wanted", "is_there"), [("", True), ("3.0", True), ("3.0.1", True), ("2.16.2", False)]
)
def test_whether_a_version_is_there(wanted: str, is_there: bool) -> None:
    require: Callable[[str], None] = Programs(Pythons(None, {"mlflow": "3.17.2"})).require
    if is_there:
        require(wanted)
    else:
        with pytest.raises(ValidationException, match=r"2\.16\.2 is not supported: MLflow 3\.17\.2 is here"):
            require(wanted)
