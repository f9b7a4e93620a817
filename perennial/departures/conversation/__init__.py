"""The exit conversation: who leads it and when, the calendar file, the guide with its notes."""
