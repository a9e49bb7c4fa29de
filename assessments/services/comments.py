"""Comments beside a row: said, answered, resolved, seen; and who may be called by name.

Nobody is called who could not read it: the text is refused instead, so that its writer knows.
"""

from __future__ import annotations

import re

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.catalog import catalog_of
from assessments.models import Assessment, Comment, CommentMention, CommentSeen
from assessments.permissions import can_comment, can_comment_internally
from assessments.services.answers import clean_text, lock_assessment
from units.access import ITJEN_ROLES, UNIT_ROLES, Role, access_of
from units.models import Membership, User
from zona import audit
from zona.models import Notification

TEXT_MAX = 4_000
SUGGESTED = 8
_CALLED = re.compile(r"(?<!\S)@([\w.+-]{1,150})")


class CommentRefused(Exception):
    """A comment can't be kept; the text is a sentence for its writer."""


def people_to_call(assessment: Assessment, user: User, *, internal: bool):
    """Return the active people whom the person may call on a row, all of whom may read it.

    The unit's people call their own and the team; the inspectorate also all of its own. A thread
    of the inspectorate reaches nobody else.
    """
    roles = Membership.objects.in_force()
    itjen = Q(pk__in=roles.filter(role__in=ITJEN_ROLES).values("user"))
    on_team = Q(team_places__assessment=assessment) & itjen
    above = [int(key) for key in assessment.unit.path.split(".") if key]
    of_unit = Q(
        pk__in=roles.filter(role__in=UNIT_ROLES, unit=assessment.unit_id).values("user")
    ) | Q(pk__in=roles.filter(role=Role.ESELON1_COORDINATOR, unit__in=above).values("user"))
    reached = itjen if access_of(user).is_itjen else on_team
    if not internal:
        reached = reached | of_unit
    return User.objects.active().filter(reached).exclude(pk=user.pk).distinct()


def suggest_people(assessment: Assessment, user: User, text: str, *, internal: bool) -> list[User]:
    """Return the first people to call whose name or account matches what was typed."""
    people = people_to_call(assessment, user, internal=internal)
    for word in text.split():
        people = people.filter(Q(name__icontains=word) | Q(username__icontains=word))
    return list(people.order_by("name")[:SUGGESTED])


@transaction.atomic
def add_comment(
    *,
    assessment: Assessment,
    code: str,
    text: str,
    by: User,
    internal: bool = False,
    answers: Comment | None = None,
) -> Comment:
    """Keep a comment beside a row, or an answer to one, and tell those who are called in it.

    internal: for the inspectorate alone; an answer follows what it answers.

    Raises CommentRefused: not his to say, an empty or impossible text, or somebody called who
    may not read it.
    """
    locked = lock_assessment(assessment, by)
    catalog = catalog_of(locked.instrument)
    if code not in catalog.ids:
        raise CommentRefused(_("Butir {code} tidak dikenal.").format(code=code))
    if answers is not None:
        answers = Comment.objects.select_related("answers").get(pk=answers.pk)
        if answers.assessment_id != locked.pk or answers.indicator_id != catalog.ids[code]:
            raise CommentRefused(_("Komentar yang dijawab tidak ada pada butir ini."))
        answers = answers.answers or answers
        internal = answers.internal
    if not can_comment(by, locked) or (internal and not can_comment_internally(by)):
        raise CommentRefused(_("Anda tidak dapat menulis komentar di sini."))
    try:
        text = clean_text(text, TEXT_MAX).strip()
    except ValueError as error:
        raise CommentRefused(str(error)) from error
    if not text:
        raise CommentRefused(_("Tulis komentarnya lebih dahulu."))
    text, called = _called(locked, by, text, internal=internal)
    comment = Comment.objects.create(
        assessment=locked,
        indicator_id=catalog.ids[code],
        answers=answers,
        text=text,
        names=[user.name for user in called],
        internal=internal,
        by=by,
    )
    CommentMention.objects.bulk_create(
        CommentMention(comment=comment, user=user) for user in called
    )
    _tell(locked, code, comment, called)
    if answers is not None and answers.resolved_at is not None:
        answers.resolved_at = answers.resolved_by = None
        answers.save(update_fields=["resolved_at", "resolved_by"])
    mark_seen(assessment=locked, code=code, by=by, last=comment.pk)
    facts = {"id": comment.pk, "internal": internal}
    audit.record(locked, [audit.Fact("comment_added", code, facts)], by=by)
    return comment


def _called(
    assessment: Assessment, by: User, text: str, *, internal: bool
) -> tuple[str, list[User]]:
    """Return the text with accounts replaced by names, and the people behind them."""
    accounts = {found.group(1).rstrip(".+-") for found in _CALLED.finditer(text)} - {""}
    if not accounts:
        return text, []
    people = {
        user.username: user
        for user in people_to_call(assessment, by, internal=internal).filter(username__in=accounts)
    }
    unknown = sorted(accounts - set(people))
    if unknown:
        raise CommentRefused(
            _("Tidak ada orang dengan akun {accounts} yang dapat membaca komentar ini.").format(
                accounts=", ".join(f"@{account}" for account in unknown)
            )
        )

    def name(found: re.Match[str]) -> str:
        account = found.group(1).rstrip(".+-")
        if account not in people:
            return found.group(0)
        return f"@{people[account].name}{found.group(1)[len(account) :]}"

    return _CALLED.sub(name, text), sorted(people.values(), key=lambda user: user.name)


def _tell(assessment: Assessment, code: str, comment: Comment, called: list[User]) -> None:
    """Notify the called, and the one whose comment is answered."""
    text = _("{name} menyebut Anda pada butir {code}, {unit}.")
    told = {user.pk: text for user in called}
    if comment.answers is not None and comment.answers.by_id != comment.by_id:
        answer = _("{name} menjawab komentar Anda pada butir {code}, {unit}.")
        told.setdefault(comment.answers.by_id, answer)
    address = reverse("assessments:worksheet_home", args=[assessment.pk])
    Notification.objects.bulk_create(
        Notification(
            user_id=pk,
            kind="comment",
            text=said.format(name=comment.by, code=code, unit=assessment.unit.label)[:300],
            url=f"{address}?butir={code}",
        )
        for pk, said in told.items()
    )


@transaction.atomic
def set_resolved(*, comment: Comment, by: User, resolved: bool) -> Comment:
    """Close the thread of a comment, or open it again; nothing happens when it is so already.

    Raises CommentRefused when the person may not write in it.
    """
    locked = lock_assessment(comment.assessment, by)
    fresh = Comment.objects.select_related("answers").get(pk=comment.pk)
    fresh = fresh.answers or fresh
    if not can_comment(by, locked) or (fresh.internal and not can_comment_internally(by)):
        raise CommentRefused(_("Anda tidak dapat menutup komentar ini."))
    if (fresh.resolved_at is not None) is resolved:
        return fresh
    fresh.resolved_at, fresh.resolved_by = (timezone.now(), by) if resolved else (None, None)
    fresh.save(update_fields=["resolved_at", "resolved_by"])
    action = "comment_resolved" if resolved else "comment_reopened"
    code = catalog_of(locked.instrument).codes[fresh.indicator_id]
    audit.record(locked, [audit.Fact(action, code, {"id": fresh.pk})], by=by)
    return fresh


@transaction.atomic
def mark_seen(*, assessment: Assessment, code: str, by: User, last: int) -> None:
    """Remember that a person has read a row's comments up to one; never back again."""
    pk = catalog_of(assessment.instrument).ids[code]
    seen, created = CommentSeen.objects.select_for_update().get_or_create(
        user=by, assessment=assessment, indicator_id=pk, defaults={"last": last}
    )
    if not created and seen.last < last:
        seen.last = last
        seen.save(update_fields=["last"])
    CommentMention.objects.filter(
        user=by,
        read_at=None,
        comment__assessment=assessment,
        comment__indicator_id=pk,
        comment_id__lte=last,
    ).update(read_at=timezone.now())
