"""The tags of the station as a list that can be searched."""
