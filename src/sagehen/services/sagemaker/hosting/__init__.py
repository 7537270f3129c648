"""What serves a model on one instance, for endpoints and transform jobs: folders, container, code."""
