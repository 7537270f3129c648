"""Function URLs: their configuration, and what answers HTTP requests to them.

Pure: `cors`, `event` (request to event), `response` (answer to response), `prelude` (of a streamed one).
"""
