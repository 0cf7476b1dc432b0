"""What the station remembers: samples in columns inside SQLite, and everything people and alarms did."""
