"""History into a store from a file: everything is checked before anything is written."""
