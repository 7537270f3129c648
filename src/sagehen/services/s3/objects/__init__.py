"""Objects: read, written, copied, deleted, and as other services use them (`transfers`).

`writes` has the steps that everything shares that makes an object. Ranges, conditions, copy sources and
details are decided apart from state. Multipart uploads are in `uploads`.
"""
