"""Who saw and changed what."""
