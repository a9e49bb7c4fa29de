"""What pages and documents of an assessment print, as frozen dataclasses."""
