"""Who the station is to a server, and which servers it believes: certificates, trust, and signing in."""
