"""Devices that tests drive: they answer, stay silent, lie and die on command."""
