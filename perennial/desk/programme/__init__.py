"""The desk's Programme page: who we are, why we do this, and how far it is."""
