"""Admission: where a component may be put, and what its specification means there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.inference_components import specification
from sagehen.services.sagemaker.inference_components.component import Revision
from sagehen.services.sagemaker.inference_components.observing import live_of
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find


class Admission:
    """See the module's text.

    Args:
        endpoints: What hosts components.
        models: What they may name.
        images: What stands for a container's image.
        clock: The platform's clock.
    """

    def __init__(
        self, endpoints: EndpointRecords, models: ModelRecords, images: Images, clock: Clock
    ) -> None:
        self._endpoints = endpoints
        self._models = models
        self._images = images
        self._clock = clock

    def host(self, scope: Scope, request: Mapping[str, Any]) -> tuple[Endpoint, EndpointVariant]:
        """Return the endpoint and its variant, which take components now.

        Args:
            request: Its EndpointName and VariantName.

        Raises:
            ValidationException: They do not.
        """
        name, variant = request["EndpointName"], request.get("VariantName")
        endpoint = self._endpoints.get(scope, name)
        if endpoint is None:
            raise could_not_find("endpoint", arns.endpoint_arn(scope, name))
        if endpoint.shown is not None and not endpoint.shown.hosts_components:
            # Recorded: hashicorp/terraform-provider-aws issue 40644.
            raise ValidationException(
                "Inference Components are not supported in this Endpoint. Please make sure this endpoint can "
                "deploy inference components."
            )
        live = live_of(endpoint)
        if live is None:  # wording: from memory
            raise ValidationException(
                f'Endpoint "{endpoint.arn}" is not in service: it is {endpoint.status}.'
            )
        if variant is None and len(live.variants) > 1:
            raise ValidationException("VariantName must be specified: the endpoint has several variants.")
        host = live.variants[0] if variant is None else live.variant(variant)
        if host is None:
            raise ValidationException(
                f'The variant name(s) "{variant}" is/are not present within endpoint configuration '
                f'"{live.config_name}".'
            )
        return endpoint, host

    def revision(self, scope: Scope, name: str, asked: Mapping[str, Any], host: EndpointVariant) -> Revision:
        """Return what a specification that is whole means, as its model is now.

        Raises:
            ValidationException: There is no such model.
            NotImplementedOperation: An image that is not mapped, or a model of another kind.
        """
        model_name = asked.get("ModelName")
        if model_name:
            model = self._models.get(scope, model_name)
            if model is None:
                raise could_not_find("model", arns.model_arn(scope, model_name))
        else:
            model = specification.model_of(scope, name, asked, host.role_arn)
            self._images.resolve(model.containers[0]["Image"], "inference", scope.account_id)
        return specification.revision_of(model, host, asked, self._images.resolved, self._clock.now())
