"""API keys, usage plans and throttling: who may ask how often.

Order: the key, its plan's limits, the stage's, the account's; a quota is counted last, so that
throttled requests do not use it up.
"""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.services.apigateway.data_plane.authorization.throttle import TokenBuckets
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.snapshot.plans import KeyInPlan
from sagehen.services.apigateway.snapshot.ports import DeployedApis, UsageCounter


class Usage:
    """Checks one request against everything that counts requests.

    Args:
        deployed: Knows keys, plans and the account's limits.
        counter: Counts quotas durably.
        clock: Fills buckets and tells the quota's day.
    """

    def __init__(self, deployed: DeployedApis, counter: UsageCounter, clock: Clock) -> None:
        self._deployed = deployed
        self._counter = counter
        self._clock = clock
        self._buckets = TokenBuckets(clock)

    def check(self, exchange: Exchange) -> None:
        """Let the request pass, or not.

        Raises:
            GatewayFailure: INVALID_API_KEY, THROTTLED or QUOTA_EXCEEDED.
        """
        held = self._key(exchange)
        if not self._within_limits(exchange, held):
            raise GatewayFailure("THROTTLED", log="Rate limit exceeded. Request is throttled.")
        if held is not None and not self._counter.take(held, self._clock.now()):
            raise GatewayFailure(
                "QUOTA_EXCEEDED", log=f"Usage Plan quota exceeded for API Key {_masked(held.key.value)}"
            )

    def clear(self) -> None:
        """Forget the buckets; counted quotas stay."""
        self._buckets.clear()

    def _key(self, exchange: Exchange) -> KeyInPlan | None:
        method, request, log = exchange.method, exchange.request, exchange.log
        assert method is not None
        stage = f"{request.api_id}/{request.stage}"
        if not method.method.api_key_required:
            log.info(
                f"API Key  authorized because method '{request.method} {method.resource.path}' does not "
                "require API Key. Request will not contribute to throttle or quota limits"
            )
            return None
        # Documented: CreateRestApi, apiKeySource.
        from_authorizer = exchange.api.snapshot.api_key_source == "AUTHORIZER"
        value = exchange.authorizer_key if from_authorizer else request.header("x-api-key")
        log.info(
            f"Verifying Usage Plan for request: {request.request_id}. API Key: {_masked(value or '')} "
            f"API Stage: {stage}"
        )
        held = self._deployed.api_key(request.api_id, request.stage, value) if value else None
        # Recorded of a missing and an unknown key; from memory of a disabled one and another stage's.
        if held is None or not held.key.enabled:
            raise GatewayFailure(
                "INVALID_API_KEY",
                log=f"API Key {_masked(value or '')} not authorized because method "
                f"'{request.method} {method.resource.path}' requires API Key",
            )
        # Documented: $context.identity.apiKey and apiKeyId.
        exchange.context["identity"] |= {"apiKey": held.key.value, "apiKeyId": held.key.id}
        log.info(f"Usage Plan check succeeded for API Key {_masked(held.key.value)} and API Stage {stage}")
        return held

    def _within_limits(self, exchange: Exchange, held: KeyInPlan | None) -> bool:
        method, request = exchange.method, exchange.request
        assert method is not None
        buckets = self._buckets
        path, verb = method.key
        # Documented: Throttle requests to your REST APIs: the plan's method, the plan, the stage's method,
        # the account.
        place = (request.api_id, request.stage, path, verb)
        if held is not None:
            plan, key = held.plan, held.key.id
            limit = plan.method_throttles.get(f"{path}/{verb}")
            if limit is not None and not buckets.take(("plan method", plan.id, key, place), limit):
                return False
            if not buckets.take(("plan", plan.id, key), plan.throttle):
                return False
        if not buckets.take(("stage", place), exchange.settings.throttle):
            return False
        scope = exchange.api.snapshot.scope
        return buckets.take(("account", scope), self._deployed.account(scope).throttle)


def _masked(value: str) -> str:
    return f"{'*' * max(0, len(value) - 6)}{value[-6:]}" if len(value) > 6 else "*" * len(value)
