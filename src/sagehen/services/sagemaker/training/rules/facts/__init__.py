"""What rules look at, gathered while a job runs, in bounded memory: losses, and what instances use."""
