"""The registry's own protocol at `/v2/`: what docker, podman, skopeo, crane and oras speak.

Source: OCI distribution specification 1.1; what ECR does beside it is recorded, documented, or said to be
from memory where it stands.
"""
