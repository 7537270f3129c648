"""Versions, aliases and layers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import (
    MakeFunction,
    code_of,
    invoke,
    text_of,
    unique,
    zipped,
)
from tests.running import LAMBDA_RUNTIME

# Its interpreter is where AWS has it: so begins the AWS CLI in CDK's layer.
TOOL = "#!/var/lang/bin/python\nprint(6 * 7)\n"
USES_LAYER = """
import shared, subprocess
def handler(event, context):
    assert int(subprocess.check_output("/opt/tool")) == shared.VALUE
    return shared.VALUE
"""


class TestVersionsAndAliases:
    def test_versions(self, functions: Any, make: MakeFunction) -> None:
        name = make("def handler(e, c):\n return c.function_version\n")
        first = functions.publish_version(FunctionName=name, Description="one")
        assert (first["Version"], first["Description"]) == ("1", "one")
        assert first["FunctionArn"].endswith(f":{name}:1")
        assert functions.publish_version(FunctionName=name)["Version"] == "1"
        functions.update_function_configuration(FunctionName=name, Timeout=11)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert functions.publish_version(FunctionName=name)["Version"] == "2"
        listed = functions.list_versions_by_function(FunctionName=name)["Versions"]
        assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]
        answer = invoke(functions, FunctionName=name, Qualifier="1")
        assert (answer["ExecutedVersion"], json.loads(answer["Payload"])) == ("1", "1")
        functions.delete_function(FunctionName=name, Qualifier="2")
        functions.update_function_configuration(FunctionName=name, Timeout=12)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert functions.publish_version(FunctionName=name)["Version"] == "3"
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=name, Qualifier="2")
        assert code_of(error) == "ResourceNotFoundException"
        with pytest.raises(ClientError) as error:
            functions.publish_version(FunctionName=name, CodeSha256="other")
        assert "is different from current CodeSHA256" in text_of(error)

    def test_publish_with_creation(self, functions: Any, make: MakeFunction) -> None:
        name = make(Publish=True)
        assert functions.get_function_configuration(FunctionName=name, Qualifier="1")["Version"] == "1"

    def test_aliases(self, functions: Any, make: MakeFunction) -> None:
        name = make(Publish=True)
        functions.update_function_configuration(FunctionName=name, Timeout=11)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        functions.publish_version(FunctionName=name)
        alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        assert alias["AliasArn"].endswith(f":{name}:live")
        assert invoke(functions, FunctionName=f"{name}:live")["ExecutedVersion"] == "1"
        functions.update_alias(
            FunctionName=name,
            Name="live",
            RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
            RevisionId=alias["RevisionId"],
        )
        ran = {invoke(functions, FunctionName=name, Qualifier="live")["ExecutedVersion"] for _ in range(40)}
        assert ran == {"1", "2"}
        assert [one["Name"] for one in functions.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
        with pytest.raises(ClientError) as error:
            functions.delete_function(FunctionName=name, Qualifier="2")
        assert code_of(error) == "ResourceConflictException"
        with pytest.raises(ClientError) as error:
            functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        assert code_of(error) == "ResourceConflictException"
        with pytest.raises(ClientError) as error:
            functions.update_alias(FunctionName=name, Name="live", RevisionId=alias["RevisionId"])
        assert code_of(error) == "PreconditionFailedException"
        functions.delete_alias(FunctionName=name, Name="live")
        with pytest.raises(ClientError) as error:
            functions.get_alias(FunctionName=name, Name="live")
        assert text_of(error).startswith("Cannot find alias arn: ")


class TestLayers:
    def test_a_function_imports_from_its_layer(self, functions: Any, make: MakeFunction) -> None:
        name = unique("layer")
        layer = functions.publish_layer_version(
            LayerName=name,
            Content={"ZipFile": zipped(**{"python/shared__py": "VALUE = 42\n", "tool": TOOL})},
            CompatibleRuntimes=[LAMBDA_RUNTIME],
        )
        assert layer["Version"] == 1
        function = make(USES_LAYER, Layers=[layer["LayerVersionArn"]])
        assert json.loads(invoke(functions, FunctionName=function)["Payload"]) == 42
        by_arn = functions.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])
        assert by_arn["Content"]["CodeSha256"] == layer["Content"]["CodeSha256"]
        listed = functions.list_layers(CompatibleRuntime=LAMBDA_RUNTIME)["Layers"]
        assert name in [one["LayerName"] for one in listed]
        functions.delete_layer_version(LayerName=name, VersionNumber=1)
        with pytest.raises(ClientError) as error:
            functions.get_layer_version(LayerName=name, VersionNumber=1)
        assert code_of(error) == "ResourceNotFoundException"
        again = functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(x__py="")})
        assert again["Version"] == 2
        assert json.loads(invoke(functions, FunctionName=function)["Payload"]) == 42

    def test_policy_of_a_layer(self, functions: Any, client: ClientFactory, make: MakeFunction) -> None:
        name = unique("layer")
        arn = functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(x__py="")})[
            "LayerVersionArn"
        ]
        other = client("lambda", account="210987654321")
        with pytest.raises(ClientError) as error:
            other.get_layer_version_by_arn(Arn=arn)
        assert code_of(error) == "AccessDeniedException"
        functions.add_layer_version_permission(
            LayerName=name,
            VersionNumber=1,
            StatementId="share",
            Action="lambda:GetLayerVersion",
            Principal="210987654321",
        )
        assert other.get_layer_version_by_arn(Arn=arn)["Version"] == 1
        functions.remove_layer_version_permission(LayerName=name, VersionNumber=1, StatementId="share")
        with pytest.raises(ClientError):
            other.get_layer_version_by_arn(Arn=arn)
