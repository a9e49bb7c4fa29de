"""Changes of recommendations; each is one transaction under the unit's lock, told to its audit."""
