"""The desk's page on country policy: what holds, since when, by which source, and for how long things are kept."""
