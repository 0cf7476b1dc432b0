"""Symbols: one module for each kind of element; `table` says which draws what."""
