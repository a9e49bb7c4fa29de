"""Windows of the stages: what is open until when, extensions per unit, the pages that set them."""
