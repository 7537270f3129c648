"""Filter patterns: text to a test of messages, and the fields of those that match. Pure."""
