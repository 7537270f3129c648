"""Websites: their configuration, and what a browser gets at `bucket.s3-website.localhost`."""
