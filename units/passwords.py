"""A password that is little more than the words of this house is no secret."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HOUSE_WORDS = (
    "zonaintegritas",
    "inspektorat",
    "kementerian",
    "kelautan",
    "perikanan",
    "integritas",
    "katasandi",
    "sekretariat",
    "indonesia",
    "password",
    "rahasia",
    "audit",
    "itjen",
    "admin",
    "wbbm",
    "zona",
    "wbk",
    "kkp",
    "tpi",
)
LEFT_OVER = 6
"""How many letters or digits must remain when the words of the house are taken away."""


class HouseWordValidator:
    """Refuses what is made of the house's own words and little else."""

    def validate(self, password, user=None):
        """Raise ValidationError for such a password."""
        rest = "".join(letter for letter in password.casefold() if letter.isalnum())
        had = len(rest)
        for word in HOUSE_WORDS:
            rest = rest.replace(word, "")
        if len(rest) < LEFT_OVER and len(rest) < had:
            raise ValidationError(self.get_help_text(), code="password_of_house_words")

    def get_help_text(self):
        """Return what to do instead."""
        return _("Jangan hanya memakai kata yang mudah ditebak di sini, seperti zona atau itjen.")
