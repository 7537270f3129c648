"""CloudFormation: templates become resources, by the operations that anybody calls.

Source: CloudFormation User Guide and API Reference. What each type of resource is made, updated and deleted
by stands in `types/*.json`: data, not code.
"""
