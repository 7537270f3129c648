"""Execution roles, as jobs and models take them: passed, trusted, assumed, and shown to containers.

Policies are evaluated elsewhere (the port `Roles`); nothing here is of one resource.
"""
