"""Ports of storage: objects and buckets. S3 is on one side."""
