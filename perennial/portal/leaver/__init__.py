"""What a leaver sees: the questions, one a screen, and then the relation."""
