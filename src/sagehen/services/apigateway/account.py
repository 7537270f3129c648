"""Account settings of API Gateway in a region."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.access import via
from sagehen.services.apigateway.definition.credentials import SERVICE, check_credentials
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.documents.effects import field, integer, nested, number, valued_element
from sagehen.services.apigateway.documents.items import put_item, read_item
from sagehen.services.apigateway.documents.patches import REPLACE, PatchTable, Row
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.snapshot.plans import Throttle
from sagehen.services.apigateway.snapshot.stages import AccountView
from sagehen.store.database import Transaction

ACCOUNT = "account"
# Documented: Amazon API Gateway quotas: requests a second of an account in a region, and the bucket's size.
DEFAULT_RATE = 10_000.0
DEFAULT_BURST = 5_000

PATCHES = PatchTable(
    Row(
        "/cloudwatchRoleArn",
        ("replace", "add", "remove"),
        field("cloudwatchRoleArn", lambda value: value or None),
    ),
    Row("/features", ("add", "remove"), valued_element("features")),
    # On AWS a support case raises these; here whoever owns the machine does.
    Row("/throttleSettings/rateLimit", REPLACE, nested("throttleSettings", "rateLimit", number)),
    Row("/throttleSettings/burstLimit", REPLACE, nested("throttleSettings", "burstLimit", integer)),
)


def account_view(document: Document | None) -> AccountView:
    """Return the settings as the data plane reads them; None: nobody changed any."""
    document = document or {}
    throttle = document.get("throttleSettings", {})
    return AccountView(
        document.get("cloudwatchRoleArn"),
        Throttle(throttle.get("rateLimit", DEFAULT_RATE), throttle.get("burstLimit", DEFAULT_BURST)),
    )


def _with_defaults(document: Document | None) -> Document:
    # From memory: GetAccount of an account that never changed anything.
    return {
        "throttleSettings": {"burstLimit": DEFAULT_BURST, "rateLimit": DEFAULT_RATE},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
        **(document or {}),
    }


class Account:
    """The operations on the account settings."""

    def __init__(self, records: Records, roles: Roles) -> None:
        self.records = records
        self._roles = roles

    @operation("GetAccount", access=via("GET", "/account"))
    async def get_account(self, context: RequestContext, request: Request) -> Document:
        return _with_defaults(self.records.item(context.scope, ACCOUNT, ACCOUNT))

    @operation("UpdateAccount", access=via("PATCH", "/account"))
    async def update_account(self, context: RequestContext, request: Request) -> Document:
        scope = context.scope

        def run(tx: Transaction) -> Document:
            document = _with_defaults(read_item(tx, scope, ACCOUNT, ACCOUNT))
            PATCHES.apply(document, request.get("patchOperations"))
            put_item(tx, scope, ACCOUNT, ACCOUNT, document, 0.0)
            return document

        for patch in request.get("patchOperations", ()):
            if patch.get("path") == "/cloudwatchRoleArn" and patch.get("op") != "remove":
                self._check_role(context, patch.get("value"))
        return await self.records.write(run)

    def _check_role(self, context: RequestContext, role_arn: str | None) -> None:
        if not role_arn:
            return
        check_credentials(self._roles, context.principal, role_arn, context.condition_keys())
        if not self._roles.can_be_assumed_by(role_arn, SERVICE):
            raise BadRequestException(
                "The role ARN does not have required permissions configured. Please grant trust permission"
                " for API Gateway and add the required role policy."
            )
