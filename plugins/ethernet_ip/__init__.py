"""Rockwell Logix controllers over EtherNet/IP: tags by name, members of structures, elements of arrays."""
