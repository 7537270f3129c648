"""S3: buckets and objects. Metadata and small objects in SQLite, large ones in immutable files.

Handlers see member names and streams, never HTTP. A room per noun, each with its operations and decisions;
from the bottom up:

    contents, records            bytes and rows
    events, encryption, grants   what every write and read goes through
    state, access                what operations share, and what they need rights for
    acl, object_lock, tagging    what is put on objects beside their bytes
    buckets, lifecycle, notifications, policies
    objects, uploads, listings
    website, access_logs         doors and loops of their own
    service                      all of it as one component
"""
