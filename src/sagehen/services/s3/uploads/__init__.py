"""Multipart uploads: begun, filled with parts, completed without copying, aborted."""
