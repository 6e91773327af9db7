"""`python -m cellnn`."""

from .cli.app import main

main()
