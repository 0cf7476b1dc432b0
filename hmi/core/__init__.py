"""The pure heart of the station: values, tags, alarms, rights. No clock, no socket, no Qt: time is an argument."""
