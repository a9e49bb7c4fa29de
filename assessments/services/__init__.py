"""Everything that changes a worksheet. A view calls one of these; nothing else writes."""
