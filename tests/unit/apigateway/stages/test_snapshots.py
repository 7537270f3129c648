from __future__ import annotations

from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.deployed import StoredApis
from sagehen.services.apigateway.service import ApiGatewayService
from sagehen.services.apigateway.snapshot.plans import Throttle
from sagehen.services.apigateway.snapshot.stages import StageView
from sagehen.store.database import Database
from tests.unit.apigateway.conftest import SCOPE, Call, OtherServices, caller, make_api, make_service


def seen(apis: StoredApis, api_id: str, stage: str = "dev") -> StageView:
    view = apis.stage(api_id, stage)
    assert view is not None
    return view


async def update_stage(call: Call, api_id: str, *operations: tuple[str, str, str | None]) -> None:
    patches = [{"op": op, "path": path, "value": value} for op, path, value in operations]
    await call("UpdateStage", restApiId=api_id, stageName="dev", patchOperations=patches)


async def test_a_stage_serves_one_and_the_same_snapshot_until_it_is_deployed_anew(
    call: Call, apis: StoredApis
) -> None:
    api_id, root = await make_api(call, binaryMediaTypes=["image/png"])
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    first = seen(apis, api_id)
    assert first.api.binary_media_types == ("image/png",)
    await call("DeleteMethod", restApiId=api_id, resourceId=root, httpMethod="GET")
    await update_stage(call, api_id, ("replace", "/variables/a", "1"))
    second = seen(apis, api_id)
    assert second is not first and second.variables == {"a": "1"}
    assert second.api is first.api, "compiled routes are kept per snapshot object"
    live = apis.live(api_id)
    assert live is not None and live.resources["/"].methods == {}
    await call("PutMethod", restApiId=api_id, resourceId=root, httpMethod="PUT", authorizationType="NONE")
    await call("PutIntegration", restApiId=api_id, resourceId=root, httpMethod="PUT", type="MOCK")
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    assert list(seen(apis, api_id).api.resources["/"].methods) == ["PUT"]


async def test_what_is_gone_is_not_served(call: Call, apis: StoredApis) -> None:
    api_id, _ = await make_api(call)
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    assert apis.stage(api_id, "dev") and apis.stage(api_id, "other") is None
    await call("DeleteRestApi", restApiId=api_id)
    assert apis.stage(api_id, "dev") is None and apis.live(api_id) is None


async def test_method_settings_by_every_spelling_of_a_path(call: Call, apis: StoredApis) -> None:
    api_id, _ = await make_api(call)
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    await update_stage(
        call,
        api_id,
        ("replace", "/*/*/throttling/rateLimit", "9"),
        ("replace", "/~1pets~1{id}/GET/throttling/burstLimit", "-1"),
        ("replace", "/plain/{id}/GET/metrics/enabled", "true"),
        ("replace", "/~1/POST/throttling/rateLimit", "5"),
    )
    view = seen(apis, api_id)
    assert view.settings_for("/none", "GET").throttle == Throttle(9.0, 5000)
    assert view.settings_for("/pets/{id}", "GET").throttle == Throttle(10000.0, None)
    assert view.settings_for("/plain/{id}", "GET").metrics
    assert view.settings_for("/", "POST").throttle.rate == 5.0


async def test_a_canary_has_a_snapshot_of_its_own(call: Call, apis: StoredApis) -> None:
    api_id, _ = await make_api(call)
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    await call(
        "CreateDeployment",
        restApiId=api_id,
        stageName="dev",
        canarySettings={"percentTraffic": 25.0, "stageVariableOverrides": {"v": "canary"}},
    )
    view = seen(apis, api_id)
    assert view.canary is not None
    assert (view.canary.percent_traffic, view.canary.stage_variable_overrides) == (25.0, {"v": "canary"})
    assert view.canary.api.deployment_id != view.api.deployment_id


async def test_every_gateway_response_is_in_a_snapshot(call: Call, apis: StoredApis) -> None:
    api_id, _ = await make_api(call)
    await call("PutGatewayResponse", restApiId=api_id, responseType="THROTTLED", statusCode="503")
    live = apis.live(api_id)
    assert live is not None and len(live.gateway_responses) == 21
    assert (
        live.gateway_responses["THROTTLED"].status_code,
        live.gateway_responses["THROTTLED"].is_default,
    ) == (
        "503",
        False,
    )
    assert live.gateway_responses["UNAUTHORIZED"].is_default


async def test_a_family_of_gateway_responses_speaks_for_its_types(call: Call) -> None:
    api_id, _ = await make_api(call)
    headers = {"gatewayresponse.header.x": "'1'"}
    family = {"responseType": "DEFAULT_5XX", "statusCode": "599", "responseParameters": headers}
    await call("PutGatewayResponse", restApiId=api_id, **family)
    await call("PutGatewayResponse", restApiId=api_id, responseType="AUTHORIZER_FAILURE")
    items = {
        one["responseType"]: one for one in (await call("GetGatewayResponses", restApiId=api_id))["items"]
    }
    timeout = items["INTEGRATION_TIMEOUT"]
    assert (timeout["statusCode"], timeout["responseParameters"]) == ("599", headers)
    assert timeout["defaultResponse"] is True
    assert (items["AUTHORIZER_FAILURE"]["statusCode"], items["THROTTLED"]["statusCode"]) == ("500", "429")


async def test_everything_survives_the_end_of_the_process(
    call: Call, apis: StoredApis, database: Database, clock: ManualClock, ids: Ids, others: OtherServices
) -> None:
    api_id, _ = await make_api(call, tags={"a": "b"})
    await call("CreateDeployment", restApiId=api_id, stageName="dev", variables={"v": "1"})
    before = seen(apis, api_id)
    # No stop: what was answered is in the tables.
    reborn = make_service(database, clock, ids, others)
    after = seen(reborn._apis, api_id)
    assert after.api.resources == before.api.resources
    assert (after.variables, after.api.deployment_id) == (before.variables, before.api.deployment_id)
    assert (await caller(reborn, clock)("GetRestApi", restApiId=api_id))["tags"] == {"a": "b"}


async def test_reset_forgets_snapshots(
    call: Call, apis: StoredApis, service: ApiGatewayService, database: Database
) -> None:
    api_id, _ = await make_api(call)
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    assert seen(apis, api_id)
    await database.clear()
    await service.reset()
    assert apis.stage(api_id, "dev") is None


async def test_keys_reach_a_stage_through_a_plan_alone(call: Call, apis: StoredApis) -> None:
    api_id, _ = await make_api(call)
    await call("CreateDeployment", restApiId=api_id, stageName="dev")
    key = await call("CreateApiKey", name="k", enabled=True)
    assert apis.api_key(api_id, "dev", key["value"]) is None
    stage: dict[str, Any] = {
        "apiId": api_id,
        "stage": "dev",
        "throttle": {"/pets/GET": {"rateLimit": 1.0, "burstLimit": 2}},
    }
    plan = await call("CreateUsagePlan", name="p", apiStages=[stage], throttle={"rateLimit": 3.0})
    await call("CreateUsagePlanKey", usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    found = apis.api_key(api_id, "dev", key["value"])
    assert found is not None and found.key.enabled
    assert found.plan.throttle == Throttle(3.0, None)
    assert found.plan.method_throttles == {"/pets/GET": Throttle(1.0, 2)}
    assert apis.api_key(api_id, "other", key["value"]) is None
    second = await call("CreateUsagePlan", name="q", apiStages=[{"apiId": api_id, "stage": "dev"}])
    with pytest.raises(Exception, match="already associated with API stage"):
        await call("CreateUsagePlanKey", usagePlanId=second["id"], keyId=key["id"], keyType="API_KEY")
    await call("DeleteStage", restApiId=api_id, stageName="dev")
    assert (await call("GetUsagePlan", usagePlanId=plan["id"]))["apiStages"] == []


async def test_account_limits(call: Call, apis: StoredApis) -> None:
    assert apis.account(SCOPE).throttle == Throttle(10000.0, 5000)
    path = "/throttleSettings/burstLimit"
    await call("UpdateAccount", patchOperations=[{"op": "replace", "path": path, "value": "2"}])
    assert apis.account(SCOPE).throttle == Throttle(10000.0, 2)


async def test_roles_must_be_passable(call: Call, others: OtherServices) -> None:
    api_id, root = await make_api(call)
    role = "arn:aws:iam::111122223333:role/caller"
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:111122223333:function:${stageVariables.fn}/invocations"
    )
    where = {"restApiId": api_id, "resourceId": root, "httpMethod": "GET"}
    integration = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri}
    patches = [{"op": "replace", "path": "/credentials", "value": role}]
    for operation, more in (
        ("PutIntegration", {**integration, "credentials": role}),
        ("UpdateIntegration", {"patchOperations": patches}),
    ):
        with pytest.raises(Exception, match="iam:PassRole"):
            await call(operation, **where, **more)
    assert "credentials" not in await call("GetIntegration", **where)
    await call("PutIntegration", **where, **integration, credentials="arn:aws:iam::*:user/*")
    assert others.asked == [role, role]
    others.passable.add(role)
    assert (await call("PutIntegration", **where, **integration, credentials=role))["credentials"] == role
