"""Documentation of APIs: parts, each with its place in the API, and versions, which are copies of all."""
