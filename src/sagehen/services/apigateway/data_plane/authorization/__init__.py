"""Who may call, and how often: IAM, resource policies, Lambda authorizers, API keys, quotas, throttles."""
