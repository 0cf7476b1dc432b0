"""Drivers added to the program: what their folder says, whether they may run, what becomes of one that may not."""
