"""Data capture: a share of an endpoint's requests and answers, as JSON lines in a bucket.

Nothing here may delay a request or make it fail: what is captured is noted in memory and written later.
"""
