"""Editing the project that runs: what is asked for is judged, written to the files and taken over without a stop."""
