"""Resource policies of functions, versions and aliases, and what the evaluator reads of them."""
