"""`python -m abonent` is the command `abonent`."""

from abonent.faces.cli import app

app()
