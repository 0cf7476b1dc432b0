"""`python -m hmi` is `hmi`."""

from hmi.cli import main

if __name__ == "__main__":
    main()
