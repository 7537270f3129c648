"""Who may call a method: IAM, the API's resource policy, Lambda authorizers.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import re

from sagehen.domain.access import Access, AccessDenied, ConditionValue, request_conditions
from sagehen.domain.identity import ANONYMOUS
from sagehen.domain.ports.identity.authorization import Authorizer, PolicyDocuments
from sagehen.services.apigateway.data_plane.authorization.lambda_authorizers import LambdaAuthorizers
from sagehen.services.apigateway.data_plane.exchange import Exchange, identify
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.snapshot.ports import DeployedApis

# With authorization or a policy, a longer ARN is a 414: documented of paths whose parameters make it so
# (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
_MAX_ARN_BYTES = 1600
_ACCOUNT = re.compile(r"(arn:[\w-]+:execute-api:[\w-]*:)\d{8}(\d{4}:)")


class ApiPolicies:
    """The resource policies of deployed APIs: the port ResourcePolicies of `execute-api`.

    Args:
        deployed: Where stages are found.
    """

    def __init__(self, deployed: DeployedApis) -> None:
        self._deployed = deployed

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the policy that the stage of an `execute-api` ARN was deployed with, or None."""
        api_id, _, rest = resource_arn.split(":", 5)[5].partition("/")
        view = self._deployed.stage(api_id, rest.partition("/")[0])
        return view.api.policy if view is not None else None

    def resource_owner(self, resource_arn: str) -> str | None:
        """The ARN itself names the account."""
        return None


class Authorization:
    """Decides before anything is mapped or called.

    Args:
        authorizer: IAM's evaluator; it knows the APIs' own policies.
        documents: Evaluates the policies that Lambda authorizers answer.
        lambda_authorizers: Asks functions.
    """

    def __init__(
        self, authorizer: Authorizer, documents: PolicyDocuments, lambda_authorizers: LambdaAuthorizers
    ) -> None:
        self._authorizer = authorizer
        self._documents = documents
        self._lambda_authorizers = lambda_authorizers

    async def check(self, exchange: Exchange) -> None:
        """Let the caller pass, or not.

        Raises:
            GatewayFailure: MISSING_AUTHENTICATION_TOKEN, INVALID_SIGNATURE, ACCESS_DENIED, UNAUTHORIZED, …;
                414 where the ARN that all of them decide on is too long.
        """
        assert exchange.method is not None
        kind = exchange.method.method.authorization_type
        if kind != "NONE" or exchange.api.snapshot.policy:
            _check_length(exchange)
        if kind == "AWS_IAM":
            self._check_signature(exchange)
        elif kind == "CUSTOM":
            await self._check_lambda(exchange)
        elif kind == "NONE":
            if exchange.api.snapshot.policy:
                self._authorize(exchange)
        else:
            raise GatewayFailure(
                "AUTHORIZER_CONFIGURATION_ERROR", log="Cognito user pools are not implemented"
            )

    def _check_signature(self, exchange: Exchange) -> None:
        signature = exchange.request.signature
        # Recorded: without a signature AWS asks for a token.
        if signature is None:
            raise GatewayFailure("MISSING_AUTHENTICATION_TOKEN")
        if signature.principal is None:
            expired = signature.code.startswith("ExpiredToken")
            raise GatewayFailure(
                "EXPIRED_TOKEN" if expired else "INVALID_SIGNATURE",
                signature.message,
                error_type=signature.code,
            )
        exchange.principal = signature.principal
        identify(exchange.context, signature.principal)
        self._authorize(exchange)

    def _authorize(self, exchange: Exchange) -> None:
        principal = exchange.principal or ANONYMOUS
        access = Access("execute-api:Invoke", exchange.method_arn())
        try:
            self._authorizer.authorize(principal, access, conditions_of(exchange))
        except AccessDenied as denied:
            # Reported by users: the account in the ARN is starred but for its last four digits; strangers are
            # `anonymous`.
            text = _ACCOUNT.sub(r"\1********\2", denied.message).replace("User: * ", "User: anonymous ")
            raise GatewayFailure("ACCESS_DENIED", text) from None

    async def _check_lambda(self, exchange: Exchange) -> None:
        """A Deny of the API's own policy ends it before the function is asked; else either may allow."""
        policy = exchange.api.snapshot.policy
        access = Access("execute-api:Invoke", exchange.method_arn())
        conditions = conditions_of(exchange)
        # Documented: API Gateway authorization workflow, Lambda authorizer and resource policy.
        by_api = False
        if policy:
            by_api = self._authorizer.is_allowed(ANONYMOUS, access, conditions)
            if not by_api and self._denies(exchange, access, conditions):
                raise GatewayFailure("ACCESS_DENIED", f"{_DENIED} with an explicit deny")
        verdict = await self._lambda_authorizers.ask(exchange)
        try:
            allowed = self._documents.evaluate_document(verdict.policy, access, conditions)
        except ValueError as error:
            raise GatewayFailure(
                "AUTHORIZER_CONFIGURATION_ERROR",
                log=f"Execution failed due to configuration error: Invalid policy document: {error}",
            ) from None
        exchange.context["authorizer"] = dict(verdict.context)
        exchange.authorizer_key = verdict.usage_key
        # Reported by users, words included: a Deny says so, a policy that allows nothing does not.
        if allowed is False:
            raise GatewayFailure("ACCESS_DENIED", f"{_DENIED} with an explicit deny")
        if not allowed and not by_api:
            raise GatewayFailure("ACCESS_DENIED")

    def _denies(self, exchange: Exchange, access: Access, conditions: dict[str, ConditionValue]) -> bool:
        """Whether it is a Deny statement that refuses, and not a missing Allow."""
        try:
            self._authorizer.authorize(ANONYMOUS, access, conditions)
        except AccessDenied as denied:
            return "explicit deny" in denied.message
        return False


def _check_length(exchange: Exchange) -> None:
    if len(exchange.method_arn().encode()) > _MAX_ARN_BYTES:
        raise GatewayFailure("DEFAULT_4XX", "Request URI too long", status=414)


_DENIED = "User is not authorized to access this resource"


def conditions_of(exchange: Exchange) -> dict[str, ConditionValue]:
    """Return the global condition keys of a request."""
    request = exchange.request
    return request_conditions(
        at=request.received_at,
        source_ip=request.source_ip,
        secure=request.secure,
        region=exchange.api.snapshot.scope.region,
        user_agent=request.header("user-agent"),
        referer=request.header("referer"),
    )
