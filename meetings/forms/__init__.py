"""What is typed into meetings, one form a step. Clean values are named as the actions take them."""
