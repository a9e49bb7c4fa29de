"""Changes to surveys, each in one transaction, each on the unit's audit chain."""
