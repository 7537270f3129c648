"""API Gateway for REST APIs.

Here lives the control plane: the operations that make, change, deploy, import and export APIs, and
`snapshot.py`, what a deployment freezes. `data_plane/` serves deployed stages; it reads snapshots
and nothing else of this package. HTTP APIs and WebSocket APIs (`apigatewayv2`) are not here.
"""
