"""Where an address and what was ticked are confirmed."""
