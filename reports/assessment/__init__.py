"""The monthly assessment (§5.2): a published scheme, a score of each person and group, appeal and ruling."""
