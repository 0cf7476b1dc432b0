"""Connections as an engineer makes them: settings, the device's own directory, tags made of it, certificates."""
