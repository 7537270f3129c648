"""MLflow tracking servers: what is decided of them."""
