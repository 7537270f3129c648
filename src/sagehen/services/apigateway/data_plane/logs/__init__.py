"""Lines that tell of requests: access logs and execution logs, as they go to CloudWatch Logs."""
