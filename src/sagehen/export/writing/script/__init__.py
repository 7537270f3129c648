"""A Python script of boto3 calls: those of CloudFormation's tables, one after the other."""
