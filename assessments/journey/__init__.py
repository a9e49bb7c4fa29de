"""The way of a unit through a year: from its declaration to a predicate and its monitoring."""
