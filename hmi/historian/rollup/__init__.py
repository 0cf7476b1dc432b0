"""Rollups: what a plot or an aggregate needs of a day's samples, kept beside them so that a year opens at once."""
