"""The data plane of endpoints: router, replica sets, breakers.

Knows replicas and bytes; nothing here knows AWS's control plane.
"""
