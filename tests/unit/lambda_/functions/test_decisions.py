"""What is decided of a version's row: may it change, how is it shown, which one does an invocation get."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.lambda_.versions_under_test import SCOPE, version

from sagehen.domain.ids import Ids
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
)
from sagehen.services.lambda_.functions.changes import require_settled, require_sha, updated
from sagehen.services.lambda_.functions.descriptions import listed, shown
from sagehen.services.lambda_.functions.log_settings import merged_logging
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.functions.targets import Target
from sagehen.services.lambda_.names import LATEST, FunctionReference

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
REFERENCE = FunctionReference(SCOPE, "f", LATEST)
RECORD = VersionRecord(
    reference=REFERENCE,
    revision_id="revision-id",
    revision="revision",
    modified_at=NOW,
    code_sha="00" * 32,
    code_size=1,
    unzipped_size=2,
    configuration={"Runtime": "python3.11", "Description": "", "LoggingConfig": {}},
)


@pytest.mark.parametrize(
    ("state", "update", "revision_id", "refusal"),
    [
        ("Active", "Successful", None, None),
        ("Active", "Successful", "revision-id", None),
        ("Active", "Failed", None, None),  # a failed update may be followed by another
        ("Failed", "Failed", None, None),
        ("Pending", "InProgress", None, ResourceConflictException),
        ("Active", "InProgress", None, ResourceConflictException),
        ("Active", "Successful", "another", PreconditionFailedException),
        # Of both the RevisionId is told.
        ("Pending", "InProgress", "another", PreconditionFailedException),
        ("Active", "InProgress", "another", PreconditionFailedException),
    ],
)
def test_may_it_change(
    state: str, update: str, revision_id: str | None, refusal: type[Exception] | None
) -> None:
    record = replace(RECORD, state=state, update_status=update)
    if refusal is None:
        require_settled(record, revision_id)
    else:
        with pytest.raises(refusal):
            require_settled(record, revision_id)


def test_code_that_the_caller_has_in_mind() -> None:
    require_sha(RECORD, None)
    require_sha(RECORD, "A" * 43 + "=")
    with pytest.raises(InvalidParameterValueException, match=r"^CodeSHA256 \(x\) is different"):
        require_sha(RECORD, "x")


def test_an_update_needs_new_environments_and_a_preparation() -> None:
    changed = updated(replace(RECORD, update_status="Failed", reason="why"), Ids(), NOW, code_size=5)
    assert (changed.state, changed.update_status, changed.reason) == ("Active", "InProgress", "")
    assert RECORD.revision != changed.revision != changed.revision_id != RECORD.revision_id
    assert (changed.modified_at, changed.code_size, changed.code_sha) == (NOW, 5, RECORD.code_sha)


@pytest.mark.parametrize(
    ("state", "update", "expected"),
    [
        ("Active", "Successful", {"State": "Active", "LastUpdateStatus": "Successful"}),
        (
            "Pending",
            "InProgress",
            # No LastUpdateStatus before there was one.
            {
                "State": "Pending",
                "StateReason": "The function is being created.",
                "StateReasonCode": "Creating",
            },
        ),
        (
            "Active",
            "InProgress",
            {
                "State": "Active",
                "LastUpdateStatus": "InProgress",
                "LastUpdateStatusReason": "The function is being created.",
                "LastUpdateStatusReasonCode": "Creating",
            },
        ),
        (
            "Active",
            "Failed",
            {
                "State": "Active",
                "LastUpdateStatus": "Failed",
                "LastUpdateStatusReason": "why",
                "LastUpdateStatusReasonCode": "InvalidZipFileException",
            },
        ),
        (
            "Failed",
            "Failed",
            {
                "State": "Failed",
                "StateReason": "why",
                "StateReasonCode": "InvalidZipFileException",
                "LastUpdateStatus": "Failed",
                "LastUpdateStatusReason": "why",
                "LastUpdateStatusReasonCode": "InvalidZipFileException",
            },
        ),
    ],
)
def test_states(state: str, update: str, expected: dict[str, str]) -> None:
    record = replace(RECORD, state=state, update_status=update, reason="why")
    answer = shown(record)
    found = {name: value for name, value in answer.items() if name.startswith(("State", "LastUpdate"))}
    assert found == expected
    assert listed(record, qualified=True).keys() == answer.keys() - expected.keys()


@pytest.mark.parametrize(
    ("number", "qualified", "arn"),
    [
        (LATEST, None, "function:f"),
        ("3", None, "function:f:3"),
        (LATEST, True, "function:f:$LATEST"),
        ("3", False, "function:f"),
    ],
)
def test_arns(number: str, qualified: bool | None, arn: str) -> None:
    record = replace(RECORD, reference=REFERENCE.qualified(number))
    answer = shown(record, qualified=qualified)
    assert (answer["FunctionArn"], answer["Version"]) == (SCOPE.arn("lambda", arn), number)
    assert answer["LastModified"] == "2026-01-02T03:04:05.678+0000"


@pytest.mark.parametrize(
    ("shares", "draw", "chosen"),
    [
        ([("1", 1.0)], 0.0, "1"),
        ([("1", 1.0)], 0.999, "1"),
        ([("2", 0.25), ("1", 0.75)], 0.0, "2"),
        ([("2", 0.25), ("1", 0.75)], 0.249, "2"),
        ([("2", 0.25), ("1", 0.75)], 0.25, "1"),
        ([("2", 0.0), ("1", 1.0)], 0.0, "1"),
        ([("2", 1.0), ("1", 0.0)], 0.999, "2"),
        # What rounding leaves over is the main version's.
        ([("2", 0.1), ("1", 0.8999)], 0.99999, "1"),
    ],
)
def test_routes(shares: list[tuple[str, float]], draw: float, chosen: str) -> None:
    target = Target(REFERENCE, [(version(number), share) for number, share in shares])
    assert target.route(draw).version == chosen


JSON = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


@pytest.mark.parametrize(
    ("current", "given", "kept"),
    [
        ({}, {}, {}),
        ({}, {"LogFormat": "Text"}, {}),
        ({}, {"LogGroup": "g"}, {"LogGroup": "g"}),
        ({}, {"LogFormat": "JSON"}, JSON),
        ({}, {"LogFormat": "JSON", "SystemLogLevel": "WARN"}, {**JSON, "SystemLogLevel": "WARN"}),
        # What is not named stays ...
        (JSON, {"ApplicationLogLevel": "ERROR"}, {**JSON, "ApplicationLogLevel": "ERROR"}),
        ({"LogGroup": "g"}, {"LogFormat": "JSON"}, {**JSON, "LogGroup": "g"}),
        # ... but for levels, which end with the format that has them.
        ({**JSON, "SystemLogLevel": "WARN"}, {"LogFormat": "Text"}, {}),
        ({}, {"ApplicationLogLevel": "INFO"}, None),
        ({}, {"LogFormat": "Text", "SystemLogLevel": "INFO"}, None),
        (JSON, {"LogFormat": "Text", "SystemLogLevel": "INFO"}, None),
    ],
)
def test_logging(current: dict[str, str], given: dict[str, str], kept: dict[str, Any] | None) -> None:
    if kept is None:
        with pytest.raises(InvalidParameterValueException, match="only supported for the JSON log format"):
            merged_logging(current, given)
    else:
        assert merged_logging(current, given) == kept
