"""Alarms in front of the operator: banner, list, journal and sound."""
