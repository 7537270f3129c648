GREETING = "hello from a dependency"
