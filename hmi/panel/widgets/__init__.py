"""Small things that several pages show the same way."""
