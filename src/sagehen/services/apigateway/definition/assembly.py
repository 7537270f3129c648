"""The operations of this room, made of what they need."""

from __future__ import annotations

from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.apigateway.definition.authorizers import Authorizers
from sagehen.services.apigateway.definition.gateway_responses import GatewayResponses
from sagehen.services.apigateway.definition.integrations.operations import Integrations
from sagehen.services.apigateway.definition.integrations.responses import IntegrationResponses
from sagehen.services.apigateway.definition.method_responses import MethodResponses
from sagehen.services.apigateway.definition.methods import Methods
from sagehen.services.apigateway.definition.models.operations import Models
from sagehen.services.apigateway.definition.request_validators import RequestValidators
from sagehen.services.apigateway.definition.resources import Resources
from sagehen.services.apigateway.documents.records import Records


def parts_of_apis(records: Records, ids: Ids, roles: Roles) -> tuple[object, ...]:
    """Make the operations on the parts of APIs. `RestApis`, on APIs themselves, is made before."""
    return (
        Resources(records, ids),
        Methods(records),
        MethodResponses(records),
        Integrations(records, roles),
        IntegrationResponses(records),
        Models(records, ids),
        RequestValidators(records, ids),
        Authorizers(records, ids, roles),
        GatewayResponses(records),
    )
