"""Container images: their references, and what an engine knows of them."""
