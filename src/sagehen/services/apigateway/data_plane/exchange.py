"""Exchange: one request on its way through a stage, with the `$context` that it gathers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.clock import epoch_ms
from sagehen.domain.identity import Principal
from sagehen.services.apigateway.data_plane.compiled_api import CompiledApi, CompiledMethod
from sagehen.services.apigateway.data_plane.logs.execution import ExecutionLog
from sagehen.services.apigateway.data_plane.mapping.expressions import Sources
from sagehen.services.apigateway.data_plane.messages.message import ApiRequest
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters
from sagehen.services.apigateway.snapshot.stages import MethodSettings, StageView

# `$context.stage` of TestInvokeMethod and TestInvokeAuthorizer.
TRIAL_STAGE = "test-invoke-stage"


@dataclass(slots=True)
class Exchange:
    """What is known of one request; steps fill in what they find out.

    Args:
        request: As it came.
        view: The stage.
        api: The deployment that answers: the stage's, or its canary's.
        stage_variables: The canary's overrides applied.
        context: `$context`.
        log: The execution log; silent where the stage's settings say so.
        overrides: `$context.requestOverride` as the request template left it: the response template
            reads it too (recorded).
    """

    request: ApiRequest
    view: StageView
    api: CompiledApi
    stage_variables: Mapping[str, str]
    context: dict[str, Any]
    log: ExecutionLog
    parameters: MethodParameters
    settings: MethodSettings
    method: CompiledMethod | None = None
    principal: Principal | None = None
    integration_ms: float | None = None
    authorizer_key: str | None = None
    overrides: dict[str, Any] = field(default_factory=lambda: {"header": {}, "querystring": {}, "path": {}})

    @classmethod
    def begun(
        cls,
        request: ApiRequest,
        view: StageView,
        api: CompiledApi,
        stage_variables: Mapping[str, str],
        log: ExecutionLog,
        *,
        canary: bool,
    ) -> Exchange:
        """Return an exchange before routing: no method, no path parameters, the stage's own settings."""
        return cls(
            request,
            view,
            api,
            stage_variables,
            context_of(request, view, api, canary=canary),
            log,
            MethodParameters(request, {}),
            view.default_settings,
        )

    @property
    def is_trial(self) -> bool:
        """Whether TestInvokeMethod makes this request, which no deployed stage answers."""
        return self.view.name == TRIAL_STAGE

    @property
    def body_text(self) -> str:
        return self.request.body.decode("utf-8", "replace")

    def sources(self, headers: Mapping[str, list[str]] | None = None, answer: str = "") -> Sources:
        """Return what parameter mappings read."""
        return Sources(
            self.parameters, self.body_text, self.stage_variables, self.context, headers or {}, answer
        )

    def method_arn(self, *, pattern: bool = False) -> str:
        """Return `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/PATH` of this request.

        Args:
            pattern: With `*` in the place of path parameters, as functions see it in aws:SourceArn.
        """
        path = self.request.path
        if pattern and self.method is not None:
            path = self.method.arn_path
        return self.api.snapshot.scope.arn(
            "execute-api",
            f"{self.request.api_id}/{self.request.stage}/{self.request.method}/{path.lstrip('/')}",
        )


def context_of(request: ApiRequest, view: StageView, api: CompiledApi, *, canary: bool) -> dict[str, Any]:
    """Return `$context` as it is before routing."""
    scope = api.snapshot.scope
    # Reached by path (or under another name) an API has the name that AWS would have given it.
    host = request.host.rpartition(":")[0] if ":" in request.host else request.host
    if ".execute-api." not in host:
        host = f"{request.api_id}.execute-api.{scope.region}.amazonaws.com"
    context: dict[str, Any] = {
        "accountId": scope.account_id,
        "apiId": request.api_id,
        "deploymentId": api.snapshot.deployment_id,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": extended_request_id(request.request_id),
        "httpMethod": request.method,
        # Recorded of proxy events: the members of Cognito are there, and null.
        "identity": {
            "cognitoIdentityPoolId": None,
            "accountId": None,
            "cognitoIdentityId": None,
            "caller": None,
            "sourceIp": request.source_ip,
            "principalOrgId": None,
            "accessKey": None,
            "cognitoAuthenticationType": None,
            "cognitoAuthenticationProvider": None,
            "userArn": None,
            "userAgent": request.header("user-agent"),
            "user": None,
        },
        "path": f"/{view.name}{request.path}" if view.name else request.path,
        "protocol": "HTTP/1.1",
        "requestId": request.request_id,
        # The time of Apache's logs: documented, $context variables.
        "requestTime": f"{request.received_at:%d/%b/%Y:%H:%M:%S +0000}",
        "requestTimeEpoch": epoch_ms(request.received_at),
        "stage": view.name,
    }
    # Documented: only stages with a canary have it.
    if view.canary is not None:
        context["isCanaryRequest"] = canary
    return context


def identify(context: dict[str, Any], principal: Principal) -> None:
    """Put a verified caller into `$context.identity`."""
    context["identity"] |= {
        "accountId": principal.account_id,
        "caller": principal.user_id,
        "accessKey": principal.access_key_id,
        "userArn": principal.arn,
        "user": principal.user_id,
    }


def extended_request_id(request_id: str) -> str:
    """Return the sixteen characters of x-amz-apigw-id, made of the request's own id."""
    digest = hashlib.blake2b(request_id.encode(), digest_size=12).hexdigest()
    return f"{digest[:15]}="


def trace_header(request: ApiRequest) -> str:
    """Return X-Amzn-Trace-Id: the client's, or one made of the request's id."""
    sent = request.header("x-amzn-trace-id")
    # Documented: X-Ray, tracing header.
    if sent and sent.startswith("Root="):
        return sent
    digest = request.request_id.replace("-", "")
    return f"Root=1-{int(request.received_at.timestamp()):08x}-{digest[:24]}"
