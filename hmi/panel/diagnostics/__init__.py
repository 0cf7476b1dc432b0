"""How the station itself is."""
