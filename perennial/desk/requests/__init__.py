"""The desk's pages on what people ask about their data."""
