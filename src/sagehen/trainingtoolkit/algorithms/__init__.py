"""Built-in algorithms: what an image does that is given no script; in an environment that has them."""
