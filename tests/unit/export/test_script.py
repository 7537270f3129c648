"""The script is Python that says what was meant, whatever users call their things."""

from __future__ import annotations

import ast
from typing import Any

from sagehen.export.writing.script.written import commands, script
from tests.unit.export.scene import HOSTILE, whole


def written(**variables: str) -> str:
    return script(whole(**variables))["make.py"].decode()


def called(text: str, method: str) -> dict[str, Any]:
    """Return the arguments of a call; those that are no plain values as their source."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rstrip(")").endswith(method):
            return {str(one.arg): _value(one.value) for one in node.keywords}
    raise AssertionError(f"{method} is not called")


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        if isinstance(node, ast.Dict):
            return {
                ast.literal_eval(key): _value(one)
                for key, one in zip(node.keys, node.values, strict=True)
                if key
            }
        return ast.unparse(node)


def test_texts_of_users_are_data() -> None:
    found = called(written(ODD=HOSTILE, MARK="mark0of0end", BRACES="{x}"), "create_function")
    assert found["Environment"] == {"Variables": {"ODD": HOSTILE, "MARK": "mark0of0end", "BRACES": "{x}"}}
    assert found["Code"] == {"ZipFile": "(HERE / 'packages/Ask-1.zip').read_bytes()"}
    head = written().partition("import argparse")[0]
    assert all(line.startswith("#") or not line for line in head.split("\n")) and "a\\n!Ref b" in head


def test_what_was_made_before_is_referred_to() -> None:
    text = written()
    assert called(text, "create_model")["ExecutionRoleArn"] == "ask_role['Role']['Arn']"
    container = called(text, "create_model")["PrimaryContainer"]
    assert container["ModelDataUrl"] == "f's3://{given.dogs_bucket_name}/{given.classifier_data}'"
    uri = called(text, "put_integration")["uri"]
    assert "{REGION}" in uri and "{ask_function['FunctionArn']}" in uri
    policy = called(text, "put_role_policy")["PolicyDocument"]
    assert policy.startswith("json.dumps(") and "{ACCOUNT}:endpoint/classifier" in policy
    made = [
        text.index(f"# {name}\n")
        for name in ("DogsBucket", "AskRole", "ClassifierModel", "ClassifierEndpoint")
    ]
    assert made == sorted(made)
    assert "123456789012" not in text.partition("import argparse")[2]


def test_the_buckets_come_first_and_objects_are_asked_for() -> None:
    text = written()
    assert text.index("make_bucket(Bucket=") < text.index("lacking = ") < text.index("create_role")
    assert sum(line.startswith("python make.py") for line in commands(whole())) == 2
