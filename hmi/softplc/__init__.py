"""Soft PLCs and the demo line they control: a bottling plant to try the station on, without hardware."""
