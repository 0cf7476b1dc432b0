"""Sparkplug B: the station as a host application, edge nodes and devices with their metrics as tags."""
