"""`python -m palimpsest`."""

from palimpsest.cli import arguments_parser, main

__all__ = ["arguments_parser", "main"]

if __name__ == "__main__":
    main()
