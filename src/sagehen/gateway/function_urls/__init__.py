"""The door to function URLs. What they answer is for `services/lambda_/urls` to say."""
