"""Charts as shapes: each layout is a rule that turns numbers into a `Drawing`, which any page can write."""
