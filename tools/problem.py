"""The one way a set-up fails: with a sentence for a person."""


class SetupError(Exception):
    """Set-up cannot go on; the text says what failed, where, and what to do."""
