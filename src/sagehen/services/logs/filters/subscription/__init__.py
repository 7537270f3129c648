"""Subscription filters: log events that match go to a Lambda function. Operations, records, deliveries."""
