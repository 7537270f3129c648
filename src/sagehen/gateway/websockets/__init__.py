"""WebSockets that end here (RFC 6455). Those of notebooks pass through, and nobody reads their frames."""
