"""MLflow tracking servers: AWS's noun around the `mlflow` package's own server.

Each runs in a sandbox with its execution role; runs are in an SQLite file of its own, artifacts in a bucket.
Clients come with signed requests or, in a browser, by presigned URLs; rights are asked for at each request.
"""
