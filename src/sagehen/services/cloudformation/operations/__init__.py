"""The operations of CloudFormation."""
