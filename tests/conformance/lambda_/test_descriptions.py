"""How functions are described: what AWS was recorded to show, and when its RevisionId changes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import ECHO, MakeFunction, code_of, invoke, unique, zipped
from tests.running import LAMBDA_RUNTIME
from tests.waiting import eventually

RUNTIME_ARN = re.compile(r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}")
_STATES = {"State", "StateReason", "StateReasonCode", "LastUpdateStatus", "RuntimeVersionConfig"}


def _package(functions: Any, role: str, **more: Any) -> dict[str, Any]:
    created: dict[str, Any] = functions.create_function(
        **{
            "FunctionName": unique("described"),
            "Runtime": LAMBDA_RUNTIME,
            "Role": role,
            "Handler": "code.handler",
            "Code": {"ZipFile": zipped(code__py=ECHO)},
            **more,
        }
    )
    return created


class TestRevisionIds:
    def test_a_new_one_for_each_change_that_a_client_sees(self, functions: Any, role: str) -> None:
        created = _package(functions, role)
        name, seen = created["FunctionName"], [created["RevisionId"]]

        def look() -> None:
            seen.append(functions.get_function(FunctionName=name)["Configuration"]["RevisionId"])

        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        look()
        for _ in range(2):  # the second one changes nothing, and counts
            updated = functions.update_function_configuration(FunctionName=name, Description="again")
            assert updated["LastUpdateStatus"] == "InProgress"
            assert updated["LastUpdateStatusReasonCode"] == "Creating"
            seen.append(updated["RevisionId"])
            functions.get_waiter("function_updated_v2").wait(FunctionName=name)
            look()
        code = functions.update_function_code(FunctionName=name, ZipFile=zipped(code__py=ECHO + "#\n"))
        seen.append(code["RevisionId"])
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        look()
        functions.tag_resource(Resource=created["FunctionArn"], Tags={"a": "b"})
        look()
        functions.untag_resource(Resource=created["FunctionArn"], TagKeys=["a"])
        look()
        assert len(set(seen)) == len(seen)
        look()
        assert seen[-1] == seen[-2]
        functions.delete_function(FunctionName=name)

    def test_a_version_keeps_its_own(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        published = functions.publish_version(FunctionName=name, Description="told with the version")
        assert (published["State"], published["LastUpdateStatus"]) == ("Active", "Successful")
        functions.update_function_configuration(FunctionName=name, Description="told with the update")
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        kept = functions.get_function_configuration(FunctionName=name, Qualifier="1")
        assert kept["RevisionId"] == published["RevisionId"]
        # A description of the version alone is no change since; one of the function is.
        second = functions.publish_version(FunctionName=name)
        assert (second["Version"], second["Description"]) == ("2", "told with the update")
        assert functions.publish_version(FunctionName=name, Description="x")["Version"] == "2"

    def test_publishing_changes_that_of_the_function(self, functions: Any, make: MakeFunction) -> None:
        name = make()

        def now(**which: str) -> str:
            revision: str = functions.get_function_configuration(FunctionName=name, **which)["RevisionId"]
            return revision

        before = now()
        version = functions.publish_version(FunctionName=name, RevisionId=before)["RevisionId"]
        after = now()
        assert len({before, version, after}) == 3
        functions.publish_version(FunctionName=name)  # there is nothing to publish
        functions.create_alias(FunctionName=name, Name="a", FunctionVersion="1")
        assert (now(), now(Qualifier="1")) == (after, version)

    def test_of_a_policy_it_is_the_functions(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        before = functions.get_function(FunctionName=name)["Configuration"]["RevisionId"]
        functions.add_permission(
            FunctionName=name,
            StatementId="s",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            RevisionId=before,
        )
        after = functions.get_policy(FunctionName=name)["RevisionId"]
        assert after != before
        assert functions.get_function(FunctionName=name)["Configuration"]["RevisionId"] == after


class TestMembers:
    def test_runtime_version_and_empty_variables(self, functions: Any, role: str) -> None:
        created = _package(functions, role, Environment={"Variables": {}})
        name = created["FunctionName"]
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        found = functions.get_function(FunctionName=name)["Configuration"]
        for shown in (created, found, functions.get_function_configuration(FunctionName=name)):
            assert RUNTIME_ARN.fullmatch(shown["RuntimeVersionConfig"]["RuntimeVersionArn"])
            assert shown["Environment"] == {"Variables": {}}
        functions.delete_function(FunctionName=name)
        without = _package(functions, role)
        assert "Environment" not in without
        functions.delete_function(FunctionName=without["FunctionName"])

    def test_listings_leave_states_and_runtime_versions_out(self, functions: Any, make: MakeFunction) -> None:
        name = make(Publish=True)
        listed = functions.list_versions_by_function(FunctionName=name)["Versions"]
        assert [one["FunctionArn"].rpartition(":")[2] for one in listed] == ["$LATEST", "1"]
        pages = functions.get_paginator("list_functions").paginate(FunctionVersion="ALL")
        listed += [one for page in pages for one in page["Functions"] if one["FunctionName"] == name]
        assert len(listed) == 4
        assert all(_STATES.isdisjoint(one) for one in listed)


class TestLogging:
    def test_formats_and_their_levels(self, functions: Any, make: MakeFunction) -> None:
        name = make(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"})
        group = f"/aws/lambda/{name}"

        def update(**config: str) -> dict[str, str]:
            functions.get_waiter("function_updated_v2").wait(FunctionName=name)
            updated = functions.update_function_configuration(FunctionName=name, LoggingConfig=config)
            shown: dict[str, str] = updated["LoggingConfig"]
            return shown

        json_logs = {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "DEBUG",
            "SystemLogLevel": "INFO",
            "LogGroup": group,
        }
        assert functions.get_function_configuration(FunctionName=name)["LoggingConfig"] == json_logs
        assert update(SystemLogLevel="WARN") == json_logs | {"SystemLogLevel": "WARN"}
        assert update(LogFormat="Text") == {"LogFormat": "Text", "LogGroup": group}
        with pytest.raises(ClientError) as error:
            update(ApplicationLogLevel="DEBUG")
        assert code_of(error) == "InvalidParameterValueException"
        assert update(LogFormat="JSON") == json_logs | {"ApplicationLogLevel": "INFO"}

    def test_documents_in_the_group(self, client: ClientFactory, functions: Any, make: MakeFunction) -> None:
        name = make(LoggingConfig={"LogFormat": "JSON"})
        invoke(functions, FunctionName=name)
        logs = client("logs")

        def reports() -> Any:
            return logs.filter_log_events(
                logGroupName=f"/aws/lambda/{name}", filterPattern='{ $.type = "platform.report" }'
            )["events"]

        [report] = eventually(reports)
        assert json.loads(report["message"])["record"]["status"] == "success"


class TestPublishing:
    def test_with_the_creation(self, functions: Any, role: str) -> None:
        created = _package(functions, role, Publish=True)
        name = created["FunctionName"]
        assert (created["Version"], created["State"]) == ("1", "Pending")
        assert created["StateReason"] == "The function is being created."
        assert created["FunctionArn"].endswith(f":function:{name}")
        assert "LastUpdateStatus" not in created
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        functions.get_waiter("published_version_active").wait(FunctionName=name, Qualifier="1")
        version = functions.get_function_configuration(FunctionName=name, Qualifier="1")
        assert version["FunctionArn"].endswith(f":function:{name}:1")
        assert (version["State"], version["LastUpdateStatus"]) == ("Active", "Successful")
        latest = functions.get_function_configuration(FunctionName=name)
        assert len({created["RevisionId"], version["RevisionId"], latest["RevisionId"]}) == 3
        again = functions.publish_version(FunctionName=name)
        assert (again["Version"], again["RevisionId"]) == ("1", version["RevisionId"])
        functions.delete_function(FunctionName=name)

    def test_with_new_code(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        updated = functions.update_function_code(
            FunctionName=name, ZipFile=zipped(code__py=ECHO + "#\n"), Publish=True
        )
        assert (updated["Version"], updated["State"]) == ("1", "Pending")
        assert updated["FunctionArn"].endswith(f":function:{name}:1")
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        functions.get_waiter("published_version_active").wait(FunctionName=name, Qualifier="1")
        latest = functions.get_function_configuration(FunctionName=name)
        assert latest["CodeSha256"] == updated["CodeSha256"]
