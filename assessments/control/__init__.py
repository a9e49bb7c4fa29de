"""The secretariat's control room: who holds what, what is late, and acts for many units."""
