"""One-time tokens: made with the sheet on which they are printed, kept as digests."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.db.models import Max

from surveys.models import Survey, Token
from surveys.services.submission import token_digest
from units.models import User
from units.services.tree import lock_unit
from zona import audit
from zona.documents import ALPHABET

TOKEN_LETTERS = 10
MOST_PER_SHEET = 500


class TooManyTokens(Exception):
    """More tokens than one sheet may hold."""


@transaction.atomic
def make_tokens(*, survey: Survey, count: int, by: User | None) -> tuple[int, list[str]]:
    """Make tokens and return the number of their sheet and the tokens themselves.

    They are told this once; the database keeps digests alone. Raises TooManyTokens.
    """
    if not 1 <= count <= MOST_PER_SHEET:
        raise TooManyTokens
    unit = lock_unit(survey.unit_id)
    highest = Token.objects.filter(survey=survey).aggregate(highest=Max("sheet"))["highest"]
    sheet = (highest or 0) + 1
    tokens: set[str] = set()
    while len(tokens) < count:
        tokens.add(new_token())
    Token.objects.bulk_create(
        Token(survey=survey, digest=token_digest(survey, token), sheet=sheet)
        for token in sorted(tokens)
    )
    data = {"sheet": sheet, "count": count}
    audit.record(unit, [audit.Fact("survey.tokens_made", survey.subject, data)], by=by)
    return sheet, sorted(tokens)


def new_token() -> str:
    """Return a random token such as ``7K4M2-QXDH9``: 49 bits."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"
