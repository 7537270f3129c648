"""Registering scalable targets: the permissions that it takes, the role and the bounds that it brings."""
