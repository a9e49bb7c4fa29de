"""What the database itself refuses: what was written down or confirmed never changes."""

from zona.triggers import immutable_rows

immutable_rows("assistance_followup", message="a follow-up never changes")
immutable_rows("assistance_followupevidence", message="the evidence of a follow-up never changes")
immutable_rows("assistance_minutesconfirmation", message="a confirmation never changes")
immutable_rows("assistance_visiteffect", message="a measured effect never changes")
immutable_rows("assistance_visitreportstep", message="a step of a review never changes")
