"""API Gateway for REST APIs.

Two planes that meet only in `snapshot/`: what a deployment freezes, and the ports between them.

The control plane makes, changes, deploys, imports and exports APIs: `definition/` (APIs and their
parts), `stages/` (deployments and stages), `plans/` (API keys, usage plans, quotas),
`documentation/`, `openapi/`, all of them over `documents/`. `data_plane/` serves deployed stages.
HTTP APIs and WebSocket APIs (`apigatewayv2`) are not here.
"""
