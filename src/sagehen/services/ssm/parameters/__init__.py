"""Parameters with their versions, labels and tags; those that AWS publishes; secrets under keys of KMS."""
