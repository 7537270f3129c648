"""API keys, usage plans and quotas."""

from __future__ import annotations

import uuid
from typing import Any

from tests.conformance.apigateway.calls import call, mock_method, refusal, replace


def test_api_keys(gateway: Any) -> None:
    name = uuid.uuid4().hex
    made = gateway.create_api_key(name=name, enabled=True, tags={"a": "b"})
    assert len(made["value"]) == 40 and made["stageKeys"] == []
    one = {"apiKey": made["id"]}
    assert "value" not in gateway.get_api_key(**one)
    assert gateway.get_api_key(**one, includeValue=True)["value"] == made["value"]
    assert [key["id"] for key in gateway.get_api_keys(nameQuery=name[:20])["items"]] == [made["id"]]
    assert gateway.update_api_key(**one, **replace("/enabled", "false"))["enabled"] is False
    assert refusal(gateway.create_api_key, name="same", value=made["value"])[:2] == (
        "ConflictException",
        "API Key already exists",
    )
    assert (
        refusal(gateway.create_api_key, value="short")[1] == "API Key value should be at least 20 characters"
    )
    assert refusal(gateway.create_api_key, generateDistinctId=False)[2] == 501
    gateway.delete_api_key(**one)
    assert refusal(gateway.get_api_key, **one)[1] == "Invalid API Key identifier specified"
    gateway.delete_api_key(apiKey=gateway.create_api_key(name="again", value=made["value"])["id"])


def test_keys_from_a_file(gateway: Any) -> None:
    value = uuid.uuid4().hex
    plan = gateway.create_usage_plan(name="imported")["id"]
    text = f'Name,key,description,Enabled,usageplanIds\nfrom-file,{value},d,TRUE,"{plan},none"\n'
    answer = gateway.import_api_keys(format="csv", body=text.encode())
    [key_id] = answer["ids"]
    assert answer["warnings"] == ["Invalid Usage Plan ID specified: none"]
    assert gateway.get_api_key(apiKey=key_id, includeValue=True)["value"] == value
    assert [key["id"] for key in gateway.get_usage_plan_keys(usagePlanId=plan)["items"]] == [key_id]
    refusal(gateway.import_api_keys, format="csv", body=text.encode(), failOnWarnings=True)
    gateway.delete_usage_plan(usagePlanId=plan)
    gateway.delete_api_key(apiKey=key_id)


def test_usage_plans(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    stage = {"apiId": api["restApiId"], "stage": "dev"}
    plan = gateway.create_usage_plan(
        name="basic",
        apiStages=[stage],
        throttle={"rateLimit": 10.0, "burstLimit": 5},
        quota={"limit": 100, "period": "MONTH"},
    )
    assert plan["quota"] == {"limit": 100, "offset": 0, "period": "MONTH"}
    one = {"usagePlanId": plan["id"]}
    path = f"/apiStages/{api['restApiId']}:dev/throttle/~1/GET/rateLimit"
    changed = gateway.update_usage_plan(**one, **replace(path, "3", "add"))
    [shown] = changed["apiStages"]
    assert shown == {**stage, "throttle": {"/GET": {"rateLimit": 3.0}}}
    key = gateway.create_api_key(name="k", enabled=True)
    linked = gateway.create_usage_plan_key(**one, keyId=key["id"], keyType="API_KEY")
    assert (linked["value"], linked["type"]) == (key["value"], "API_KEY")
    assert [p["id"] for p in gateway.get_usage_plans(keyId=key["id"])["items"]] == [plan["id"]]
    today = gateway.create_api_key(name="clock")["createdDate"]
    day = today.strftime("%Y-%m-%d")
    usage = gateway.get_usage(**one, startDate=day, endDate=day)
    assert usage["items"] == {key["id"]: [[0, 100]]}
    api_id = api["restApiId"]
    for wrong in ({}, {"value": api_id}, {"value": f"{api_id}:"}):
        patch = {"op": "remove", "path": "/apiStages", **wrong}
        assert refusal(gateway.update_usage_plan, **one, patchOperations=[patch]) == (
            "BadRequestException",
            "Invalid API Stage specified",
            400,
        )
    for at, name in ((f"{api_id}b", "dev"), (api_id, "fake")):
        patch = replace("/apiStages", f"{at}:{name}", "remove")
        assert refusal(gateway.update_usage_plan, **one, **patch) == (
            "NotFoundException",
            f"Invalid API Stage {{api: {at}, stage: {name}}} specified for usageplan {plan['id']}",
            404,
        )
    granted = gateway.update_usage(**one, keyId=key["id"], **replace("/remaining", "7"))
    assert granted["items"][key["id"]] == [[0, 7]]
    assert refusal(gateway.delete_usage_plan, **one)[0] == "BadRequestException"
    gateway.update_usage_plan(**one, **replace("/apiStages", f"{api['restApiId']}:dev", "remove"))
    gateway.delete_usage_plan_key(**one, keyId=key["id"])
    gateway.delete_usage_plan(**one)
    gateway.delete_api_key(apiKey=key["id"])
    unknown = [{"apiId": api["restApiId"], "stage": "none"}]
    assert refusal(gateway.create_usage_plan, name="x", apiStages=unknown)[1] == (
        f"API Stage not found: {api['restApiId']}:none"
    )


def test_a_quota_is_counted(gateway: Any, api: dict[str, Any], endpoint_url: str) -> None:
    mock_method(gateway, api, api["root"], apiKeyRequired=True)
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    url = f"{endpoint_url}/restapis/{api['restApiId']}/dev/_user_request_/"
    key = gateway.create_api_key(name="counted", enabled=True)
    assert call(url)[0] == call(url, x_api_key=key["value"])[0] == 403
    plan = gateway.create_usage_plan(
        name="two",
        apiStages=[{"apiId": api["restApiId"], "stage": "dev"}],
        quota={"limit": 2, "period": "DAY"},
    )
    one = {"usagePlanId": plan["id"]}
    gateway.create_usage_plan_key(**one, keyId=key["id"], keyType="API_KEY")
    assert [call(url, x_api_key=key["value"])[0] for _ in range(3)] == [200, 200, 429]
    day = key["createdDate"].strftime("%Y-%m-%d")
    assert gateway.get_usage(**one, startDate=day, endDate=day)["items"] == {key["id"]: [[2, 0]]}
    gateway.update_usage(**one, keyId=key["id"], **replace("/remaining", "1"))
    assert [call(url, x_api_key=key["value"])[0] for _ in range(2)] == [200, 429]
    gateway.update_api_key(apiKey=key["id"], **replace("/enabled", "false"))
    assert call(url, x_api_key=key["value"])[0] == 403
    gateway.update_usage_plan(**one, **replace("/apiStages", f"{api['restApiId']}:dev", "remove"))
    gateway.delete_usage_plan(**one)
    gateway.delete_api_key(apiKey=key["id"])


def test_a_stage_of_a_plan_is_named_in_full(gateway: Any) -> None:
    for stage in ({}, {"apiId": "abc"}, {"stage": "abc"}):
        assert refusal(gateway.create_usage_plan, name="p", apiStages=[stage])[::2] == (
            "BadRequestException",
            400,
        )
