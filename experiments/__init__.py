"""Running scenarios, and what is done with what comes of it."""
