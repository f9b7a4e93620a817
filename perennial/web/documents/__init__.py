"""Documents that are printed: what they say as blocks, and the PDF made of them."""
