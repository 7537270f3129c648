"""Runnable stories, one per folder; clients of the AWS API like any other."""
