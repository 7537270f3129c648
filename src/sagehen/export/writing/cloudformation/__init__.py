"""A CloudFormation template, in YAML."""
