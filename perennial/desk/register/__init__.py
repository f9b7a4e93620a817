"""The desk's pages on accountability: the register of processing, and what the employer adds to it."""
