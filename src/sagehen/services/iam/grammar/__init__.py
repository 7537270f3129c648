"""What IAM asks of single values, in policies and in requests, and its words as they were recorded."""
