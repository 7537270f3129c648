"""What another account may do that a function's policy lets in, and who a function is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import MakeFunction, code_of, invoke

OTHER = "210987654321"
WHO = "import boto3\ndef handler(e, c):\n return boto3.client('sts').get_caller_identity()['Arn']\n"


class TestOtherAccounts:
    def test_all_operations_on_a_function(
        self, client: ClientFactory, functions: Any, make: MakeFunction
    ) -> None:
        name = make()
        other = client("lambda", account=OTHER)
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        with pytest.raises(ClientError) as error:
            other.get_function(FunctionName=arn)
        assert code_of(error) == "AccessDeniedException"
        functions.add_permission(FunctionName=name, StatementId="s", Principal=OTHER, Action="lambda:*")
        assert other.get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn
        other.get_function_configuration(FunctionName=arn)
        other.list_versions_by_function(FunctionName=arn)
        other.put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=1)
        other.delete_function_concurrency(FunctionName=arn)
        other.create_alias(FunctionName=arn, FunctionVersion="$LATEST", Name="live")
        other.get_alias(FunctionName=arn, Name="live")
        other.update_alias(FunctionName=arn, Name="live", Description="told")
        [alias] = other.list_aliases(FunctionName=arn)["Aliases"]
        assert (alias["Description"], alias["AliasArn"]) == ("told", f"{arn}:live")
        other.delete_alias(FunctionName=arn, Name="live")
        other.tag_resource(Resource=arn, Tags={"a": "b"})
        assert other.list_tags(Resource=arn)["Tags"] == {"a": "b"}
        other.untag_resource(Resource=arn, TagKeys=["a"])
        assert json.loads(invoke(other, FunctionName=arn, Payload=b"1")["Payload"]) == 1
        assert other.publish_version(FunctionName=arn)["Version"] == "1"
        other.delete_function(FunctionName=arn)


class TestWhoAFunctionIs:
    @pytest.mark.parametrize("name", ["q", "zz"])
    def test_its_session_is_named_like_it(
        self, functions: Any, role: str, make: MakeFunction, name: str
    ) -> None:
        make(WHO, FunctionName=name, Timeout=30)
        arn = json.loads(invoke(functions, FunctionName=name)["Payload"])
        session = name if len(name) > 1 else f"{name}@lambda_function"
        assert arn == f"arn:aws:sts::123456789012:assumed-role/{role.rpartition('/')[2]}/{session}"
