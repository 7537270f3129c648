"""`python -m sagehen.cli`: what `sagehen up --detach` starts."""

from sagehen.cli.main import app

app()
