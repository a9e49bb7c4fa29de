"""The comments beside a row, and all of a worksheet, as one person may read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from assessments.catalog import catalog_of
from assessments.models import Assessment, Comment, CommentSeen
from assessments.permissions import can_comment, can_comment_internally
from assessments.worksheet.fixed import fixed_of
from assessments.worksheet.page import section_url
from units.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a comment: plain words, or the name of somebody who is called."""

    text: str
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment as it is shown; ``replies`` only on the first of a thread."""

    pk: int
    code: str
    by: str
    at: datetime
    parts: tuple[Part, ...]
    internal: bool
    is_new: bool
    resolved_by: str
    resolved_at: datetime | None
    replies: tuple[CommentView, ...] = ()

    @property
    def has_news(self) -> bool:
        """Tell whether anything in the thread is new to the reader."""
        return self.is_new or any(reply.is_new for reply in self.replies)


@dataclass(frozen=True, slots=True)
class Talk:
    """The comments of a row. ``last`` is the key of the newest one, 0 where there is none."""

    code: str
    open: tuple[CommentView, ...]
    resolved: tuple[CommentView, ...]
    unread: int
    last: int
    can_comment: bool
    can_internal: bool

    @property
    def count(self) -> int:
        """Return how many comments and answers there are."""
        return sum(1 + len(thread.replies) for thread in (*self.open, *self.resolved))


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A row of the list of comments, with its threads."""

    code: str
    statement: str
    url: str
    threads: tuple[CommentView, ...]
    unread: int


def talk_of(assessment: Assessment, user: User, code: str) -> Talk:
    """Return the comments beside a row as the person may read them; one query."""
    pk = catalog_of(assessment.instrument).ids[code]
    found = list(_readable(assessment, user).filter(indicator=pk))
    threads = _threads({pk: code}, found, user)
    return Talk(
        code=code,
        open=tuple(item for item in threads if item.resolved_at is None),
        resolved=tuple(item for item in threads if item.resolved_at is not None),
        unread=sum(_is_new(comment, user) for comment in found),
        last=found[-1].pk if found else 0,
        can_comment=can_comment(user, assessment),
        can_internal=can_comment_internally(user),
    )


def talk_list(assessment: Assessment, user: User, chosen: str = "") -> tuple[TalkRow, ...]:
    """Return the rows of a worksheet that have comments, in its order; one query.

    chosen: "baru" keeps rows with unread comments, "terbuka" those with an open thread.
    """
    catalog = catalog_of(assessment.instrument)
    found = list(_readable(assessment, user))
    threads: dict[str, list[CommentView]] = {}
    for thread in _threads(catalog.codes, found, user):
        threads.setdefault(thread.code, []).append(thread)
    fixed = fixed_of(catalog)
    rows = []
    for code in catalog.ids:
        items = threads.get(code, [])
        unread = sum(item.is_new + sum(r.is_new for r in item.replies) for item in items)
        is_open = any(item.resolved_at is None for item in items)
        if not items or (chosen == "baru" and not unread) or (chosen == "terbuka" and not is_open):
            continue
        url = section_url(assessment, catalog.section_of[code].code, code)
        rows.append(TalkRow(code, fixed[code].statement, url, tuple(items), unread))
    return tuple(rows)


def unread_by(user: User) -> Coalesce:
    """Return, for a query of worksheets, how many comments of each the person has not seen."""
    rows = _with_seen(Comment.objects.visible_to(user).filter(assessment=OuterRef("pk")), user)
    counted = rows.filter(pk__gt=F("seen")).exclude(by=user).order_by().values("assessment")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), Value(0))


def _readable(assessment: Assessment, user: User):
    """Return the comments that the person may read, each with how far he has read its row."""
    rows = _with_seen(Comment.objects.visible_to(user).filter(assessment=assessment), user)
    return rows.select_related("by", "resolved_by").order_by("pk")


def _with_seen(comments, user: User):
    seen = CommentSeen.objects.filter(
        user=user, assessment=OuterRef("assessment"), indicator=OuterRef("indicator")
    )
    return comments.annotate(seen=Coalesce(Subquery(seen.values("last")[:1]), Value(0)))


def _is_new(comment: Comment, user: User) -> bool:
    return comment.pk > comment.seen and comment.by_id != user.pk


def _threads(codes, comments: Iterable[Comment], user: User) -> list[CommentView]:
    threads: dict[int, CommentView] = {}
    for comment in comments:
        view = CommentView(
            pk=comment.pk,
            code=codes[comment.indicator_id],
            by=str(comment.by),
            at=comment.at,
            parts=tuple(_parts(comment)),
            internal=comment.internal,
            is_new=_is_new(comment, user),
            resolved_by=str(comment.resolved_by) if comment.resolved_by else "",
            resolved_at=comment.resolved_at,
        )
        first = threads.get(comment.answers_id)
        if first is None:
            threads[comment.pk] = view
        else:
            threads[first.pk] = replace(first, replies=(*first.replies, view))
    return list(threads.values())


def _parts(comment: Comment) -> Iterable[Part]:
    """Yield a comment's text in stretches, the names of the called apart."""
    if not comment.names:
        yield Part(comment.text)
        return
    names = sorted(comment.names, key=len, reverse=True)
    called = re.compile("(" + "|".join(re.escape(f"@{name}") for name in names) + ")")
    for number, text in enumerate(called.split(comment.text)):
        if text:
            yield Part(text, is_name=number % 2 == 1)
