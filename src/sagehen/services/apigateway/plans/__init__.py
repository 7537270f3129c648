"""API keys, usage plans, the keys of plans, and requests counted against quotas.

Plans know APIs and stages by name only. Who is let through is decided in `data_plane/authorization`.
"""
