"""Object Lock: versions that nobody may delete before their time, or while they are held.

`locks` is pure: what protects a version and what may change it. `configuration` is the bucket's, `operations`
the versions'; `headers` reads uploads.
"""
