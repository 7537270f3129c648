"""What expressions are worth for an event: values, fields, functions, comparisons. Pure."""
