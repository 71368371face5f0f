"""Everything that is written of figures: their targets and the numbers that are filed for them."""
