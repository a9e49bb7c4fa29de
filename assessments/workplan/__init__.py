"""The work plan (rencana kerja) of the building phase and its calendar of evidence."""
