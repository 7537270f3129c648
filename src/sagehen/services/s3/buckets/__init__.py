"""Buckets: made, found, configured, deleted.

What has a noun of its own has a room: `acl`, `policies`, `notifications`, `lifecycle`, `object_lock`,
`website`, `access_logs`. The rows are in `records`.
"""
