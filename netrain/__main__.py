"""`python -m netrain` is `netrain`."""

from netrain.cli import main

main()
