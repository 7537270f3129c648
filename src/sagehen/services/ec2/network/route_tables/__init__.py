"""Route tables: their routes, and which subnets have which table. Recorded: no packet takes these ways."""
