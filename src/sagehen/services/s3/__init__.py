"""S3: buckets and objects. Metadata and small objects in SQLite, large ones in immutable files.

Handlers see member names and streams, never HTTP. Pure decisions (ranges, conditions, checksums,
policy analysis) stand apart from the files that read and write state.
"""
