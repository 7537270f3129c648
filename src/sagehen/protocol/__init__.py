"""AWS wire formats, driven by botocore's service models; the only home of botocore's models.

`identification` finds the operation, `reading` its values, `validation` checks them, `writing` answers;
`models` is what all four are driven by. They take a service model and an operation model, never a service's
name.
"""
