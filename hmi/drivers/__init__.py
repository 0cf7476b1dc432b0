"""How the station talks to devices: one small door (`api`) for built-in drivers and plugins alike."""
