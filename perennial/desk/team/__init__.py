"""The desk's Team pages: who works with Perennial, and what they may do."""
