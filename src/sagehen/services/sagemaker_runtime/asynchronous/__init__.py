"""Asynchronous inference: requests that are queued, answered in S3, and lost by nothing.

A request is a row from before it is acknowledged until its answer or its error is stored: whatever ends
meanwhile, it is asked again (at least once, as on AWS).
"""
