"""Drivers that come with the program without being part of it: each is a package of its own behind one door."""
