"""Who gets which answer at which address: one row per URL name, every status code exact.

The columns are the personas of ``tests/access_world.py``: operator, zi_lead, unit_head (all three
of the *own* unit), eselon1 (coordinates the Eselon I above), auditor (member of the own unit's
team), secretariat, stranger (an account without a role). A row's key is ``"METHOD place"`` where
the address names an object, ``"METHOD"`` where it does not. A method without a row must answer 405;
a URL name without an entry fails the build.

404 says "you do not see it", 403 "you see it and may not", 302 a redirect after a change that was
accepted, 200 a page (also a form that came back with faults).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assessments.journey.papers import LETTER
from assessments.services.documents import REPORT
from tests.access_world import ROW

Codes = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True)
class Page:
    """What one address answers.

    rows: status codes by ``"METHOD place"`` or ``"METHOD"``. on: the kind of object whose key is
    the first argument (an attribute of a place), or None. more: further arguments, or a function
    of the place that returns them. data: what is
    posted, or a function of the place that returns it. anonymous: what a visitor without an
    account gets (302 leads to the sign-in page; doors for scripts say 401).
    """

    rows: Mapping[str, Codes]
    on: str | None = None
    more: tuple[Any, ...] | Callable[[Any], tuple[Any, ...]] = ()
    data: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] = field(default_factory=dict)
    anonymous: int = 302


ALL_200 = (200,) * 7
ALL_302 = (302,) * 7
ALL_403 = (403,) * 7
ALL_404 = (404,) * 7
ADMIN_200 = (403, 403, 403, 403, 403, 200, 403)
ADMIN_302 = (403, 403, 403, 403, 403, 302, 403)

# A unit is seen by its own people, by the Eselon I above, and by the whole of Itjen.
SEES_OWN = (200, 200, 200, 200, 200, 200, 404)
SEES_OTHER = (404, 404, 404, 200, 200, 200, 404)


def _seen(own: Codes, other: Codes, method: str = "GET") -> dict[str, Codes]:
    """Return rows for the own unit, and the same for sibling and parent."""
    return {f"{method} own": own, f"{method} sibling": other, f"{method} parent": other}


# Only the secretariat changes units; the others see and may not, or do not see.
MANAGE_OWN_200 = (403, 403, 403, 403, 403, 200, 404)
MANAGE_OTHER_200 = (404, 404, 404, 403, 403, 200, 404)
MANAGE_OWN_302 = (403, 403, 403, 403, 403, 302, 404)
MANAGE_OTHER_302 = (404, 404, 404, 403, 403, 302, 404)
# The unit's lead and head look after its services, declaration and people too.
CARE_OWN_200 = (403, 200, 200, 403, 403, 200, 404)
CARE_OWN_302 = (403, 302, 302, 403, 403, 302, 404)
# People: Itjen sees all, lead and head their own unit's; the others may not look at people at all.
PERSON_OWN = (403, 200, 200, 403, 200, 200, 403)
PERSON_OTHER = (403, 404, 404, 403, 200, 200, 403)
PERSON_OWN_MANAGE_200 = (403, 403, 403, 403, 403, 200, 403)
PERSON_OTHER_MANAGE_200 = (403, 404, 404, 403, 403, 200, 403)
PERSON_OWN_MANAGE_302 = (403, 403, 403, 403, 403, 302, 403)
PERSON_OTHER_MANAGE_302 = (403, 404, 404, 403, 403, 302, 403)

# Who holds which role, and who signed: the lead and head of the unit, and Itjen.
SIGNERS_OWN = (403, 200, 200, 403, 200, 200, 404)
SIGNERS_OTHER = (404, 404, 404, 403, 200, 200, 404)
OWN_LIST_200 = (404, 404, 404, 404, 404, 200, 404)
OWN_LIST_302 = (404, 404, 404, 404, 404, 302, 404)

UNITS = {
    "units:unit_list": Page({"GET": ALL_200}),
    "units:unit_create": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "units:unit_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="unit"),
    "units:unit_edit": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200) | _seen(MANAGE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="unit",
    ),
    "units:unit_deactivate": Page(_seen(MANAGE_OWN_302, MANAGE_OTHER_302, "POST"), on="unit"),
    "units:unit_reactivate": Page(_seen(MANAGE_OWN_302, MANAGE_OTHER_302, "POST"), on="unit"),
    "units:service_create": Page(
        _seen(CARE_OWN_200, MANAGE_OTHER_200) | _seen(CARE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="unit",
        data={"name": "Layanan baru"},
    ),
    "units:service_edit": Page(
        _seen(CARE_OWN_200, MANAGE_OTHER_200) | _seen(CARE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="service",
        data={"name": "Layanan lain", "is_active": "on", "version": "1"},
    ),
    "units:pledge_edit": Page(
        _seen(CARE_OWN_200, MANAGE_OTHER_200) | _seen(CARE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="unit",
    ),
    "units:figures": Page(_seen(SEES_OWN, SEES_OTHER), on="unit"),
    "units:figures_edit": Page(
        _seen(CARE_OWN_200, MANAGE_OTHER_200) | _seen(CARE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="unit",
        more=(2025,),
        data={"budget_idr": "12.500.000.000", "source": "DIPA", "version": "0"},
    ),
    "units:unit_access": Page(_seen(SIGNERS_OWN, SIGNERS_OTHER), on="unit"),
    "units:person_invite": Page(
        _seen(PERSON_OWN_MANAGE_302, PERSON_OTHER_MANAGE_302, "POST"), on="person"
    ),
    "units:people_invite": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "units:unit_import": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "units:unit_export": Page({"GET": ALL_200}),
    "units:person_import": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "units:person_export": Page({"GET": (403, 200, 200, 403, 200, 200, 403)}),
    # A list that the secretariat gave in waits for its preview; nobody else sees it.
    "units:roster_preview": Page({"GET own": OWN_LIST_200, "POST own": OWN_LIST_302}, on="roster"),
    "units:roster_discard": Page({"POST own": OWN_LIST_302}, on="roster"),
    "units:membership_grant": Page(
        _seen(CARE_OWN_200, MANAGE_OTHER_200) | _seen(CARE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="unit",
        data={"who": "stranger", "role": "unit_operator", "valid_from": "2026-01-01"},
    ),
    "units:membership_end": Page(
        {
            "GET own": (404, 200, 200, 404, 403, 200, 404),
            "GET sibling": (404, 404, 404, 404, 403, 200, 404),
            "GET parent": (404, 404, 404, 404, 403, 200, 404),
            "POST own": (404, 302, 302, 404, 403, 302, 404),
            "POST sibling": (404, 404, 404, 404, 403, 302, 404),
            "POST parent": (404, 404, 404, 404, 403, 302, 404),
        },
        on="membership",
        data={"last_day": "2026-01-31"},
    ),
    "units:person_list": Page({"GET": (403, 200, 200, 403, 200, 200, 403)}),
    "units:person_create": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "units:person_detail": Page(_seen(PERSON_OWN, PERSON_OTHER), on="person"),
    "units:person_edit": Page(
        _seen(PERSON_OWN_MANAGE_200, PERSON_OTHER_MANAGE_200)
        | _seen(PERSON_OWN_MANAGE_200, PERSON_OTHER_MANAGE_200, "POST"),
        on="person",
    ),
    "units:person_grant": Page(
        _seen(PERSON_OWN_MANAGE_200, PERSON_OTHER_MANAGE_200)
        | _seen(PERSON_OWN_MANAGE_200, PERSON_OTHER_MANAGE_200, "POST"),
        on="person",
    ),
    "units:person_password": Page(
        _seen(PERSON_OWN_MANAGE_200, PERSON_OTHER_MANAGE_200, "POST"), on="person"
    ),
    "units:person_deactivate": Page(
        _seen(PERSON_OWN_MANAGE_200, PERSON_OTHER_MANAGE_200)
        | _seen(PERSON_OWN_MANAGE_302, PERSON_OTHER_MANAGE_302, "POST"),
        on="person",
    ),
    "units:person_reactivate": Page(
        _seen(PERSON_OWN_MANAGE_302, PERSON_OTHER_MANAGE_302, "POST"), on="person"
    ),
    # Exists only where the data are invented; the tests' house is not such a place.
    "units:demo_login": Page({"POST": ALL_404}, data={"username": "operator"}),
}

HOME = {
    "zona:home": Page({"GET": ALL_200}),
    "zona:search": Page({"GET": ALL_200}),
    "zona:own_dashboard": Page({"GET": ALL_302}),
    "zona:own_worksheet": Page({"GET": ALL_302}),
    "zona:own_evidence": Page({"GET": ALL_302}),
    "zona:period": Page({"GET": ALL_302}),
    "zona:notices": Page({"GET": ALL_200}),
    "zona:notices_read": Page({"POST": ALL_302}),
    # A notice belongs to one person; nobody else opens it.
    "zona:notice_open": Page(_seen(ALL_404, ALL_404, "POST"), on="notification"),
    "zona:profile": Page({"GET": ALL_200, "POST": ALL_302}, data={"theme": "dark"}),
    # The name of a session that is not one's own opens nothing: there is nothing to end.
    "zona:session_end": Page({"POST": ALL_302}, more=("0" * 24,)),
    # A first run is over before there are seven personas; the tests' house is no demo either.
    "zona:setup": Page({"GET": ALL_404}),
    "zona:setup_finish": Page({"POST": ALL_404}),
    "zona:setup_put_off": Page({"POST": ALL_404}, more=("kop",)),
    "zona:own_data": Page({"GET": ALL_404, "POST": ALL_404}),
    "zona:letterhead": Page({"GET": ADMIN_200, "POST": ADMIN_302}),
    "zona:theme": Page({"POST": ALL_302}, data={"theme": "dark"}),
}

PERIODS = {
    "assessments:period_list": Page({"GET": (200, 200, 200, 200, 200, 200, 403)}),
    "assessments:period_create": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "assessments:period_detail": Page(
        {"GET own": (200, 200, 200, 200, 200, 200, 403)}, on="period"
    ),
    "assessments:period_edit": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    "assessments:period_open": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    "assessments:period_close": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    # Only the Inspector General, who is none of the seven.
    "assessments:period_reopen": Page({"GET own": ALL_403, "POST own": ALL_403}, on="period"),
    "assessments:period_state": Page({"GET own": ADMIN_200}, on="period"),
    "assessments:period_archive_make": Page({"POST own": ADMIN_302}, on="period"),
    "assessments:period_archive": Page({"GET own": ADMIN_200}, on="archive"),
    "assessments:period_roll": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    "assessments:period_roll_on": Page({"POST own": ADMIN_302}, on="period"),
    # A version that nobody saw and no unit: both pages come back with what is wrong.
    "assessments:period_windows": Page(
        {"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period", data={"version": "0"}
    ),
    "assessments:period_extend": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    "assessments:team_detail": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(MANAGE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="assessment",
    ),
    "assessments:team_assignment": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200) | _seen(MANAGE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="assessment",
    ),
    "assessments:team_assignment_choose": Page(
        _seen(MANAGE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="assessment",
        data=lambda place: {"assignment": place.assignment.pk},
    ),
    "assessments:team_member_edit": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200) | _seen(MANAGE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="team_member",
        data={"rank": "lead", "version": "1"},
    ),
    "assessments:team_member_remove": Page(
        _seen(MANAGE_OWN_302, MANAGE_OTHER_302, "POST"), on="team_member"
    ),
    "assessments:assignment_edit": Page(
        {"GET own": ADMIN_200, "POST own": ADMIN_200}, on="assignment"
    ),
}

SECRETARIAT_OF_PERIOD = {"POST own": ADMIN_302}
CONTROL = {
    "assessments:control_room": Page({"GET": ADMIN_200}),
    # Without a chosen unit each act leads back to the list.
    "assessments:control_team": Page(SECRETARIAT_OF_PERIOD, on="period"),
    "assessments:control_nudge": Page(SECRETARIAT_OF_PERIOD, on="period"),
    "assessments:announcement_create": Page(SECRETARIAT_OF_PERIOD, on="period"),
    "assessments:announcement_list": Page({"GET": ADMIN_200}),
    "assessments:announcement_detail": Page({"GET own": ADMIN_200}, on="announcement"),
    "assessments:announcement_withdraw": Page({"POST own": ADMIN_302}, on="announcement"),
    # Meant for the own unit's people; to all others it does not exist.
    "assessments:announcement_read": Page(
        {"POST own": (302, 302, 302, 404, 404, 404, 404)}, on="announcement"
    ),
}

# Who sees a worksheet opens its pages; the own unit's operator writes while it is a draft.
OPEN_OWN_302 = (302, 302, 302, 302, 302, 302, 404)
OPEN_OTHER_302 = (404, 404, 404, 302, 302, 302, 404)
CHANGE_OTHER_403 = (404, 404, 404, 403, 403, 403, 404)


def _row_form(place) -> dict[str, str]:
    """Return a row's plain form that answers a blank row of the unit's side."""
    return {
        "code": ROW,
        "track": "unit",
        "base": '{"choice": ""}',
        "base_version": "0",
        "choice": "Ya",
    }


PHRASE = {"title": "Bukti kurang", "text": "Bukti {unit} belum lengkap."}
SHARED_PHRASE = (404, 404, 404, 404, 403, 403, 404)
NO_PEN_OWN = (403, 403, 403, 403, 403, 403, 404)
NO_PEN_OTHER = (404, 404, 404, 403, 403, 403, 404)

WORKSHEETS = {
    "assessments:worksheet_home": Page(_seen(OPEN_OWN_302, OPEN_OTHER_302), on="assessment"),
    "assessments:worksheet": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=("1",)),
    "assessments:row_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=(ROW,)),
    "assessments:worksheet_find": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    # 302: saved; 423: it is not his to write now.
    "assessments:row_save": Page(
        _seen((302, 302, 423, 423, 423, 423, 404), (404, 404, 404, 423, 423, 423, 404), "POST"),
        on="assessment",
        data=_row_form,
    ),
    # A form comes back to its row with a message: nothing is taken over from a draft.
    "assessments:row_accept": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        data={"code": ROW},
    ),
    "assessments:row_confirm": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        data={"code": ROW},
    ),
    "assessments:comment_list": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    "assessments:comment_people": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    "assessments:comment_add": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        more=(ROW,),
        data={"text": "Mohon dicek."},
    ),
    "assessments:comment_seen": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"), on="assessment", more=(ROW,)
    ),
    # A thread that everybody who sees the worksheet may read; one of Itjen's is tried elsewhere.
    "assessments:comment_resolve": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        more=lambda place: (place.remark.pk,),
    ),
    "assessments:guidance": Page(
        {"GET own": ALL_200, "POST own": ADMIN_302},
        on="instrument",
        more=(ROW,),
        data={"text": "Sebagian besar berarti di atas 80%.", "base": "0"},
    ),
    "assessments:phrase_pick": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=(ROW,)),
    "assessments:phrase_list": Page({"GET": ALL_200, "POST": ALL_302}, data=PHRASE),
    # A phrase that an auditor of another place shares: Itjen sees it, its owner alone changes it.
    "assessments:phrase_edit": Page(
        {"GET own": SHARED_PHRASE, "POST own": SHARED_PHRASE}, on="phrase"
    ),
    "assessments:phrase_delete": Page({"POST own": SHARED_PHRASE}, on="phrase"),
    "assessments:objection_list": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    # Before the end everybody who sees the worksheet is led back to it.
    "assessments:objection": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302) | _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        more=(ROW,),
    ),
    # Nobody holds the TPI's pen on a draft; who does is tried where the act is tested.
    "assessments:accept_many": Page(
        _seen(NO_PEN_OWN, NO_PEN_OTHER) | _seen(NO_PEN_OWN, NO_PEN_OTHER, "POST"),
        on="assessment",
    ),
    "assessments:accept_undo": Page(
        _seen(NO_PEN_OWN, NO_PEN_OTHER, "POST"),
        on="assessment",
        more=lambda place: (place.bulk.pk,),
    ),
    # Who may not mark an area comes back to it with a message.
    "assessments:area_finish": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"), on="assessment", more=("1",)
    ),
    "assessments:findings": Page(
        _seen((200, 200, 200, 403, 200, 200, 404), (404, 404, 404, 403, 200, 200, 404)),
        on="assessment",
    ),
    # Only the head hands in; everybody else who opens the step's address is led back.
    "assessments:transition": Page(
        _seen((302, 302, 200, 302, 302, 302, 404), OPEN_OTHER_302)
        | _seen((403, 403, 422, 403, 403, 403, 404), (404, 404, 404, 403, 403, 403, 404), "POST"),
        on="assessment",
        more=("submit",),
        data={"reason": ""},
    ),
}

# The unit's own people keep its evidence; the head only reads.
KEEPS_OWN_200 = (200, 200, 403, 403, 403, 403, 404)
KEEPS_OTHER = (404, 404, 404, 403, 403, 403, 404)
KEEPS_OWN_302 = (302, 302, 403, 403, 403, 403, 404)

SHARES_OWN_200 = (403, 403, 200, 403, 403, 200, 404)
SHARES_OTHER_200 = MANAGE_OTHER_200

EVIDENCE = {
    "assessments:evidence_library": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(KEEPS_OWN_302, KEEPS_OTHER, "POST"), on="unit"
    ),
    "assessments:evidence_open": Page(_seen(OPEN_OWN_302, OPEN_OTHER_302), on="evidence"),
    "assessments:evidence_folder": Page(_seen(KEEPS_OWN_200, KEEPS_OTHER), on="assessment"),
    # The unit's head and the secretariat show evidence to the national team.
    "assessments:share_list": Page(
        _seen(SHARES_OWN_200, SHARES_OTHER_200) | _seen(SHARES_OWN_200, SHARES_OTHER_200, "POST"),
        on="assessment",
    ),
    "assessments:share_revoke": Page(
        _seen((403, 403, 302, 403, 403, 302, 404), MANAGE_OTHER_302, "POST"),
        on="assessment",
        more=lambda place: (place.share.pk,),
    ),
    "assessments:evidence_archive": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=("1",)),
    # The world's evidence is a link: it has a page that says so, and no pictures.
    "assessments:evidence_preview": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"), on="evidence"
    ),
    "assessments:evidence_page": Page(_seen(ALL_404, ALL_404), on="evidence", more=(1,)),
    "assessments:evidence_edit": Page(
        _seen(KEEPS_OWN_200, KEEPS_OTHER) | _seen(KEEPS_OWN_200, KEEPS_OTHER, "POST"),
        on="evidence",
    ),
    # 422: the form lacks its file.
    "assessments:evidence_replace": Page(
        _seen((422, 422, 403, 403, 403, 403, 404), KEEPS_OTHER, "POST"), on="evidence"
    ),
    "assessments:evidence_pick": Page(
        _seen(KEEPS_OWN_200, KEEPS_OTHER), on="assessment", more=(ROW,)
    ),
    "assessments:evidence_attach": Page(
        _seen(KEEPS_OWN_302, KEEPS_OTHER, "POST"),
        on="assessment",
        more=(ROW,),
        data={"how": "link", "url": "https://unit.example/baru", "title": "Bukti baru"},
    ),
    # A form comes back to its row, with a message where the act is not his.
    "assessments:evidence_detach": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        more=lambda place: (place.use.pk,),
    ),
    "assessments:evidence_point": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        more=lambda place: (place.use.pk,),
        data={"page": "3"},
    ),
    "assessments:evidence_judge": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"),
        on="assessment",
        more=lambda place: (place.use.pk,),
        data={"verdict": "adequate"},
    ),
}

# Reports tell the TPI's side: Itjen reads them at any time, the unit once the worksheet is final.
REPORT_OWN_200 = (403, 403, 403, 403, 200, 200, 404)
REPORT_OTHER_200 = (404, 404, 404, 403, 200, 200, 404)
REPORT_OWN_302 = (403, 403, 403, 403, 302, 302, 404)
REPORT_OTHER_302 = (404, 404, 404, 403, 302, 302, 404)
FILE_CODES = (404, 404, 404, 404, 200, 200, 404)
ISSUE_200, ISSUE_302, ISSUE_422 = (
    (404, 404, 404, 404, 403, status, 404) for status in (200, 302, 422)
)
PORTFOLIO = (403, 403, 403, 200, 200, 200, 403)

READING = {
    "assessments:dashboard": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    "assessments:figure": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=("total",)),
    "assessments:potential": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    "assessments:shortest_way": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=("WBK",)),
    # A row's effort is said by those who fill or finish the unit's side.
    "assessments:row_effort": Page(
        _seen((422, 422, 422, 403, 403, 403, 404), CHANGE_OTHER_403, "POST"),
        on="assessment",
        more=("WBK", ROW),
    ),
    "assessments:year_comparison": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    "assessments:seal_list": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment"),
    # The seal of the unit's own side; that of the TPI's is tried where seals are tested.
    "assessments:seal_detail": Page(
        _seen(SEES_OWN, SEES_OTHER), on="assessment", more=lambda place: (place.seal.pk,)
    ),
    "assessments:portfolio": Page({"GET": PORTFOLIO}),
    "assessments:portfolio_export": Page({"GET": PORTFOLIO}, more=("xlsx",)),
    "assessments:instrument_list": Page({"GET": ALL_200}),
    "assessments:instrument_detail": Page({"GET own": ALL_200}, on="instrument"),
    "assessments:document_list": Page({"GET": ALL_200}),
    "assessments:document_report": Page(_seen(REPORT_OWN_200, REPORT_OTHER_200), on="assessment"),
    "assessments:document_make": Page(
        _seen(REPORT_OWN_302, REPORT_OTHER_302, "POST"), on="assessment", more=(REPORT,)
    ),
    "assessments:document_download": Page(_seen(FILE_CODES, FILE_CODES), on="document"),
    "assessments:document_send": Page(_seen(ISSUE_302, ISSUE_302, "POST"), on="document"),
    **{
        f"assessments:document_{step}": Page(
            _seen(ISSUE_200, ISSUE_200) | _seen(ISSUE_422, ISSUE_422, "POST"), on="document"
        )
        for step in ("issue", "withdraw")
    },
}

# A scenario that a colleague shared: who sees the worksheet looks at it and copies it; only its
# maker changes it; rows are taken over by those who may write the track now.
CHANGE_OWN_403 = (403, 403, 403, 403, 403, 403, 404)

SCENARIOS = {
    "assessments:scenario_list": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(SEES_OWN, SEES_OTHER, "POST"), on="assessment"
    ),
    "assessments:scenario": Page(_seen(SEES_OWN, SEES_OTHER), on="scenario"),
    "assessments:scenario_copy": Page(_seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"), on="scenario"),
    "assessments:scenario_row": Page(
        _seen(CHANGE_OWN_403, CHANGE_OTHER_403, "POST"), on="scenario", more=(ROW,)
    ),
    "assessments:scenario_edit": Page(
        _seen(CHANGE_OWN_403, CHANGE_OTHER_403, "POST"), on="scenario"
    ),
    "assessments:scenario_delete": Page(
        _seen(CHANGE_OWN_403, CHANGE_OTHER_403, "POST"), on="scenario"
    ),
    "assessments:scenario_promote": Page(
        _seen((302, 302, 403, 403, 403, 403, 404), CHANGE_OTHER_403, "POST"), on="scenario"
    ),
}

# Recommendations: whoever sees the unit reads them. Its assessors and the secretariat write and
# decide, its lead and head plan on their own, its people act. A step
# that is not the person's answers 403, a refused one 422.
ADVISE_OWN_200 = (403, 200, 200, 403, 200, 200, 404)
ADVISE_OTHER_200 = (404, 404, 404, 403, 403, 200, 404)


def _advised(on: str, more: tuple[Any, ...] = ()) -> Page:
    """Return the page of a form for those who write recommendations."""
    rows = _seen(ADVISE_OWN_200, ADVISE_OTHER_200)
    return Page(rows | _seen(ADVISE_OWN_200, ADVISE_OTHER_200, "POST"), on=on, more=more)


TEAM_422 = (403, 403, 403, 403, 422, 403, 404)


def _visit_paper(place):
    return (place.visit_paper.pk,)


RECOMMENDATIONS = {
    "assistance:register": Page({"GET": ALL_200}),
    "assistance:register_export": Page({"GET": ALL_200}),
    "assistance:portfolio": Page({"GET": PORTFOLIO}),
    "assistance:unit_register": Page(_seen(SEES_OWN, SEES_OTHER), on="unit"),
    "assistance:recommendation": Page(_seen(SEES_OWN, SEES_OTHER), on="recommendation"),
    "assistance:recommendation_create": _advised("unit"),
    "assistance:recommendation_for_row": _advised("assessment", (ROW,)),
    "assistance:recommendation_way": _advised("assessment", ("WBK",)),
    "assistance:recommendation_edit": Page(
        _seen((403, 403, 403, 403, 200, 200, 404), ADVISE_OTHER_200)
        | _seen((403, 403, 403, 403, 200, 200, 404), ADVISE_OTHER_200, "POST"),
        on="recommendation",
    ),
    "assistance:recommendation_move": Page(
        _seen((302, 302, 302, 403, 403, 403, 404), CHANGE_OTHER_403, "POST"),
        on="recommendation",
        more=("perkembangan",),
        data={"perkembangan-text": "Rancangan sudah dibahas."},
    ),
    # A wish waits already, so nobody asks again.
    "assistance:extension_ask": Page(
        _seen((422, 422, 422, 403, 403, 403, 404), CHANGE_OTHER_403, "POST"),
        on="recommendation",
        data={"waktu-due_on": "2099-01-01", "waktu-reason": "Menunggu anggaran."},
    ),
    "assistance:extension_decide": Page(
        _seen((403, 403, 403, 403, 302, 302, 404), (404, 404, 404, 403, 403, 302, 404), "POST"),
        on="recommendation",
        more=lambda place: (place.wish.pk,),
        data={"putusan": "setuju"},
    ),
    # Visits: the secretariat plans, the visit's team holds; a refused form comes back as 422,
    # a refused step with a message.
    "assistance:visit_list": Page({"GET": ALL_200}),
    "assistance:visit_effects": Page({"GET": PORTFOLIO}),
    "assistance:visit_create": Page({"GET": ADMIN_200, "POST": ADMIN_200}),
    "assistance:visit": Page(_seen(SEES_OWN, SEES_OTHER), on="visit"),
    "assistance:visit_edit": Page(
        _seen((403, 403, 403, 403, 200, 200, 404), MANAGE_OTHER_200)
        | _seen((403, 403, 403, 403, 200, 200, 404), MANAGE_OTHER_200, "POST"),
        on="visit",
    ),
    "assistance:visit_team": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200) | _seen(MANAGE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="visit",
    ),
    "assistance:visit_step": Page(
        _seen(OPEN_OWN_302, OPEN_OTHER_302, "POST"), on="visit", more=("mulai",)
    ),
    "assistance:attendance_add": Page(
        _seen((422, 422, 422, 422, 422, 422, 404), (404, 404, 404, 422, 422, 422, 404), "POST"),
        on="visit",
    ),
    "assistance:service_note_add": Page(
        _seen((422, 422, 422, 422, 422, 422, 404), (404, 404, 404, 422, 422, 422, 404), "POST"),
        on="visit",
    ),
    # The visit of the table has not begun.
    "assistance:consultation": Page(
        _seen(CHANGE_OWN_403, CHANGE_OTHER_403) | _seen(CHANGE_OWN_403, CHANGE_OTHER_403, "POST"),
        on="visit",
    ),
    "assistance:visit_checks": Page(_seen(OPEN_OWN_302, OPEN_OTHER_302), on="visit"),
    "assistance:minutes": Page(
        _seen(SEES_OWN, SEES_OTHER)
        | _seen((403, 403, 403, 403, 200, 403, 404), CHANGE_OTHER_403, "POST"),
        on="visit",
    ),
    "assistance:minutes_confirm": Page(
        _seen((422, 422, 422, 422, 422, 422, 404), (404, 404, 404, 422, 422, 422, 404), "POST"),
        on="visit",
        data={"konfirmasi-version": "1"},
    ),
    "assistance:visit_report": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(TEAM_422, CHANGE_OTHER_403, "POST"), on="visit"
    ),
    "assistance:visit_report_step": Page(
        _seen(TEAM_422, CHANGE_OTHER_403, "POST"), on="visit", more=("ajukan",)
    ),
    "assistance:paper_state": Page(_seen(SEES_OWN, SEES_OTHER), on="visit", more=("visit_report",)),
    "assistance:paper_make": Page(
        _seen((403, 403, 403, 403, 302, 302, 404), (404, 404, 404, 403, 403, 302, 404), "POST"),
        on="visit",
        more=("visit_report",),
    ),
    # A draft of the report stays with the inspectorate; the secretariat alone has it issued.
    "assistance:paper_download": Page(_seen(FILE_CODES, FILE_CODES), on="visit", more=_visit_paper),
    "assistance:paper_send": Page(
        _seen(ISSUE_302, ISSUE_302, "POST"), on="visit", more=_visit_paper
    ),
    **{
        f"assistance:paper_{step}": Page(
            _seen(ISSUE_200, ISSUE_200) | _seen(ISSUE_422, ISSUE_422, "POST"),
            on="visit",
            more=_visit_paper,
        )
        for step in ("issue", "withdraw")
    },
    # What is no save request is refused before anything is looked at.
    "assistance:check_save": Page(
        _seen((400,) * 7, (400,) * 7, "POST"),
        on="visit",
        anonymous=401,
    ),
    "assistance:matrix": Page(
        _seen(SEES_OWN, SEES_OTHER)
        | _seen((403, 302, 302, 302, 302, 302, 404), OPEN_OTHER_302, "POST"),
        on="unit",
    ),
}


# The journey: seen with the unit; designated by Eselon I, judged and proposed by the secretariat,
# excepted by the Inspector General alone, who is none of the personas.
def _in_period(*words: str):
    """Return a function of the place that names its period and further words."""
    return lambda place: (place.period.pk, *words)


NOBODY_OTHER = (404, 404, 404, 403, 403, 403, 404)
NOBODY_OWN = (403, 403, 403, 403, 403, 403, 404)
DESIGNATE_OWN = (403, 403, 403, 200, 403, 403, 404)
DESIGNATE_OTHER = (404, 404, 404, 200, 403, 403, 404)

PAPER_OWN_302 = (403, 302, 302, 302, 302, 302, 404)
PAPER_OTHER_302 = (404, 404, 404, 302, 302, 302, 404)
MONITOR_OWN_200 = (403, 200, 200, 200, 200, 200, 404)
MONITOR_OWN_302 = PAPER_OWN_302
ITJEN_SIDE_OWN = (403, 403, 403, 403, 200, 200, 404)
ITJEN_SIDE_OTHER = (404, 404, 404, 403, 200, 200, 404)
LETTER_200 = (404, 404, 404, 404, 200, 200, 404)
LOOK = {
    "on": "2026-03-31",
    "starts_on": "2026-01-01",
    "ends_on": "2026-03-31",
    "method": "visit",
    "summary": "Berjalan",
}


def _422(codes: Codes) -> Codes:
    """Return the codes with a form that came back instead of a page."""
    return tuple(422 if code == 200 else code for code in codes)


JOURNEY = {
    "assessments:journey_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="unit", more=_in_period()),
    "assessments:journey_act": Page(
        _seen(DESIGNATE_OWN, DESIGNATE_OTHER) | _seen(DESIGNATE_OWN, DESIGNATE_OTHER, "POST"),
        on="unit",
        more=_in_period("tetapkan-calon"),
    ),
    "assessments:check_edit": Page(
        _seen((200, 200, 403, 403, 403, 200, 404), MANAGE_OTHER_200)
        | _seen((302, 302, 403, 403, 403, 302, 404), MANAGE_OTHER_302, "POST"),
        on="unit",
        more=_in_period("tlhp"),
        data={"version": "0", "value": "100%"},
    ),
    "assessments:exception_edit": Page(
        _seen(NOBODY_OWN, NOBODY_OTHER) | _seen(NOBODY_OWN, NOBODY_OTHER, "POST"),
        on="unit",
        more=_in_period("unit", "tlhp"),
    ),
    "assessments:pact_list": Page(
        _seen(SIGNERS_OWN, SIGNERS_OTHER) | _seen(CARE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="unit",
    ),
    "assessments:house_checks": Page({"GET own": (200, 200, 200, 200, 200, 200, 403)}, on="period"),
    "assessments:house_check_edit": Page(
        {"GET own": ADMIN_200, "POST own": ADMIN_302},
        on="period",
        more=("opini_bpk",),
        data={"version": "0", "value": "WTP"},
    ),
    "assessments:proposal_list": Page(
        {"GET own": (403, 403, 403, 200, 200, 200, 403)},
        on="period",
    ),
    "assessments:proposal_create": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    # Papers: of a unit for who sees it, of a letter for Itjen; made by who may export, issued by
    # the secretariat. Monitoring is written by the unit's lead and head, Eselon I, and Itjen.
    "assessments:journey_papers": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(CARE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="unit",
        more=_in_period(),
    ),
    "assessments:conditions_paper": Page(
        _seen(PAPER_OWN_302, PAPER_OTHER_302, "POST"), on="unit", more=_in_period()
    ),
    "assessments:building_list": Page(_seen(SEES_OWN, SEES_OTHER), on="unit", more=(2026,)),
    "assessments:building_new": Page(
        _seen(MONITOR_OWN_200, SEES_OTHER) | _seen(MONITOR_OWN_302, PAPER_OTHER_302, "POST"),
        on="unit",
        more=(2026,),
        data=LOOK,
    ),
    "assessments:building_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="building"),
    "assessments:building_edit": Page(
        _seen(ITJEN_SIDE_OWN, ITJEN_SIDE_OTHER)
        | _seen((403, 403, 403, 403, 302, 302, 404), (404, 404, 404, 403, 302, 302, 404), "POST"),
        on="building",
        data={**LOOK, "version": "1"},
    ),
    "assessments:building_paper": Page(
        _seen(PAPER_OWN_302, PAPER_OTHER_302, "POST"), on="building"
    ),
    "assessments:monitoring_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="look"),
    "assessments:monitoring_paper": Page(_seen(PAPER_OWN_302, PAPER_OTHER_302, "POST"), on="look"),
    # Meetings name many units: the inspectorate reads them, the secretariat writes.
    "assessments:plenary_list": Page({"GET own": (403, 403, 403, 403, 200, 200, 403)}, on="period"),
    "assessments:plenary_create": Page({"GET own": ADMIN_200, "POST own": ADMIN_200}, on="period"),
    "assessments:plenary_detail": Page({"GET own": LETTER_200}, on="plenary"),
    "assessments:plenary_edit": Page(
        {
            "GET own": (404, 404, 404, 404, 403, 200, 404),
            "POST own": (404, 404, 404, 404, 403, 200, 404),
        },
        on="plenary",
    ),
    # The worksheet is not final: it is not on the table.
    "assessments:plenary_decide": Page(
        {
            "GET own": (404, 404, 404, 404, 403, 404, 404),
            "POST own": (404, 404, 404, 404, 403, 404, 404),
        },
        on="plenary",
        more=lambda place: (place.assessment.pk,),
    ),
    "assessments:plenary_paper": Page(
        {"POST own": (404, 404, 404, 404, 403, 302, 404)}, on="plenary"
    ),
    "assessments:proposal_detail": Page({"GET own": LETTER_200}, on="letter"),
    "assessments:proposal_paper": Page(
        {"POST own": (404, 404, 404, 404, 403, 302, 404)}, on="letter", more=(LETTER,)
    ),
    "assessments:paper_download": Page(_seen(SEES_OWN, SEES_OTHER), on="paper"),
    "assessments:paper_send": Page(_seen(MANAGE_OWN_302, MANAGE_OTHER_302, "POST"), on="paper"),
    "assessments:paper_issue": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200)
        | _seen(_422(MANAGE_OWN_200), _422(MANAGE_OTHER_200), "POST"),
        on="paper",
    ),
    "assessments:paper_withdraw": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200)
        | _seen(_422(MANAGE_OWN_200), _422(MANAGE_OTHER_200), "POST"),
        on="paper",
    ),
}

# The work plan: seen with the unit; made by its lead, head and the secretariat, reported by its
# people. Activities of the access world stand in area 1.
PLAN_OWN_200 = (403, 200, 200, 403, 403, 200, 404)
PLAN_OWN_302 = (403, 302, 302, 403, 403, 302, 404)
DONE_OWN_302 = (302, 302, 302, 403, 403, 302, 404)
PLAN_YEAR = (2026,)


def _planned(*words: str, **data: str) -> Page:
    """Return a page on which a unit's plan of a year is changed."""
    return Page(
        _seen(PLAN_OWN_200, MANAGE_OTHER_200) | _seen(PLAN_OWN_302, MANAGE_OTHER_302, "POST"),
        on="unit",
        more=(*PLAN_YEAR, *words),
        data=data,
    )


WORK_PLAN = {
    "assessments:plan_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="unit", more=PLAN_YEAR),
    "assessments:plan_export": Page(_seen(SEES_OWN, SEES_OTHER), on="unit", more=PLAN_YEAR),
    "assessments:plan_begin": _planned(areas="1", first_month="1", last_month="2"),
    "assessments:plan_target": _planned("1", initial="Belum ada", version="0"),
    "assessments:plan_team": _planned(number="KEP-1", dated_on="2026-01-02", version="0"),
    "assessments:plan_activity_new": _planned(
        title="Rapat", area="1", due_on="2026-03-31", owner_name="Pokja 1"
    ),
    "assessments:plan_activity": Page(
        _seen(SEES_OWN, SEES_OTHER) | _seen(DONE_OWN_302, MANAGE_OTHER_302, "POST"),
        on="activity",
        data={"reason": "Sudah dicakup kegiatan lain", "version": "1"},
    ),
    "assessments:plan_activity_edit": Page(
        _seen(PLAN_OWN_200, MANAGE_OTHER_200) | _seen(PLAN_OWN_302, MANAGE_OTHER_302, "POST"),
        on="activity",
        data={
            "title": "Lain",
            "area": "1",
            "due_on": "2026-03-31",
            "owner_name": "Pokja",
            "version": "1",
        },
    ),
    "assessments:plan_activity_remove": Page(
        _seen(PLAN_OWN_302, MANAGE_OTHER_302, "POST"), on="activity"
    ),
    "assessments:plan_activity_reopen": Page(
        _seen(DONE_OWN_302, MANAGE_OTHER_302, "POST"), on="activity"
    ),
    "assessments:plan_row": Page(_seen(SEES_OWN, SEES_OTHER), on="assessment", more=(ROW,)),
}

# Surveys: seen by all who see the unit, run by its lead and operators. Single answers are for the
# unit's people and Itjen alone; papers for whoever may export.
RUN_OWN_200 = (200, 200, 403, 403, 403, 403, 404)
RUN_OTHER_200 = (404, 404, 404, 403, 403, 403, 404)
RUN_OWN_302 = (302, 302, 403, 403, 403, 403, 404)
ANSWERS_OWN = (200, 200, 200, 403, 200, 200, 404)
ANSWERS_OTHER = (404, 404, 404, 403, 200, 200, 404)


def _run(on: str, method: str = "POST", more: tuple[Any, ...] = (), **data: str) -> Page:
    """Return the page of an act on a survey that ends in a redirect."""
    return Page(_seen(RUN_OWN_302, RUN_OTHER_200, method), on=on, more=more, data=data)


SURVEYS = {
    # The unit's people write their own side of a draft; nobody writes the TPI's side yet.
    "assessments:survey_adopt": _run("assessment", more=("B.I.a.1",)),
    "surveys:survey_list": Page({"GET": ALL_200}),
    "surveys:survey_calculator": Page({"GET": ALL_200}),
    "surveys:survey_create": Page(
        _seen(RUN_OWN_200, RUN_OTHER_200) | _seen(RUN_OWN_200, RUN_OTHER_200, "POST"), on="unit"
    ),
    "surveys:survey_detail": Page(_seen(SEES_OWN, SEES_OTHER), on="running"),
    "surveys:survey_edit": Page(
        _seen(RUN_OWN_200, RUN_OTHER_200) | _seen(RUN_OWN_200, RUN_OTHER_200, "POST"), on="plan"
    ),
    "surveys:survey_open": _run("plan"),
    "surveys:survey_close": _run("running"),
    "surveys:survey_lock": _run("running"),
    "surveys:survey_reopen": _run("locked", reason="Ada isian ganda"),
    "surveys:survey_publish": _run("locked"),
    "surveys:survey_delete": _run("plan"),
    "surveys:survey_part_feed": _run("part"),
    "surveys:answer_list": Page(_seen(ANSWERS_OWN, ANSWERS_OTHER), on="running"),
    "surveys:answer_judge": _run("running", jawaban="1", reason="machine"),
    "surveys:comment_list": Page(_seen(ANSWERS_OWN, ANSWERS_OTHER), on="running"),
    "surveys:comment_moderate": _run("comment", putusan="shown"),
    "surveys:answer_import": Page(
        _seen(RUN_OWN_200, RUN_OTHER_200) | _seen(RUN_OWN_200, RUN_OTHER_200, "POST"), on="running"
    ),
    "surveys:import_template": Page(_seen(RUN_OWN_200, RUN_OTHER_200), on="running"),
    "surveys:import_preview": Page(_seen(RUN_OWN_200, RUN_OTHER_200), on="batch"),
    "surveys:import_add": _run("batch"),
    "surveys:import_discard": _run("batch"),
    "surveys:survey_result": Page(_seen(SEES_OWN, SEES_OTHER), on="locked"),
    "surveys:survey_workbook": Page(_seen(SEES_OWN, SEES_OTHER), on="locked"),
    "surveys:improvement_add": Page(
        _seen(tuple(422 if code == 302 else code for code in RUN_OWN_302), RUN_OTHER_200, "POST"),
        on="locked",
    ),
    "surveys:improvement_finish": _run("improvement"),
    "surveys:print_list": Page(_seen(SEES_OWN, SEES_OTHER), on="locked"),
    "surveys:print_make": _run("running", more=("surveys.qr_poster",)),
    "surveys:print_download": Page(_seen(SEES_OWN, SEES_OTHER), on="survey_print"),
    "surveys:unit_surveys": Page(_seen(SEES_OWN, SEES_OTHER), on="unit"),
    "surveys:external_record": Page(
        _seen(MANAGE_OWN_200, MANAGE_OTHER_200) | _seen(MANAGE_OWN_200, MANAGE_OTHER_200, "POST"),
        on="unit",
    ),
    "surveys:external_report": Page(_seen(SEES_OWN, SEES_OTHER), on="external"),
    "surveys:questionnaire_list": Page({"GET": ALL_200}),
    "surveys:questionnaire_detail": Page(_seen(ALL_200, ALL_200), on="edition"),
    "surveys:questionnaire_follow": Page(
        _seen(ADMIN_200, ADMIN_200) | _seen(ADMIN_200, ADMIN_200, "POST"), on="edition"
    ),
    "surveys:questionnaire_edit": Page(
        _seen(ADMIN_200, ADMIN_200) | _seen(ADMIN_200, ADMIN_200, "POST"), on="edition"
    ),
}

EXPECTED: dict[str, Page] = {
    **RECOMMENDATIONS,
    **SURVEYS,
    **UNITS,
    **HOME,
    **PERIODS,
    **WORKSHEETS,
    **EVIDENCE,
    **READING,
    **SCENARIOS,
    **JOURNEY,
    **WORK_PLAN,
    **CONTROL,
}

# Pages of django-allauth: what a visitor without an account gets at a GET. They guard themselves.
ACCOUNT_PAGES: dict[str, int] = {
    "account_login": 200,
    "account_logout": 302,
    "account_inactive": 200,
    "account_signup": 200,
    "account_reauthenticate": 302,
    "account_email": 302,
    "account_email_verification_sent": 200,
    "account_change_password": 302,
    "account_set_password": 302,
    "account_reset_password": 200,
    "account_confirm_login_code": 302,
    "account_reset_password_from_key_done": 200,
    "account_reset_password_done": 200,
    "mfa_index": 302,
    "mfa_authenticate": 302,
    "mfa_reauthenticate": 302,
    "mfa_activate_totp": 302,
    "mfa_deactivate_totp": 302,
    "mfa_view_recovery_codes": 302,
    "mfa_generate_recovery_codes": 302,
    "mfa_download_recovery_codes": 302,
    "socialaccount_login_cancelled": 200,
    "socialaccount_login_error": 401,
    "socialaccount_signup": 302,
    "socialaccount_connections": 302,
}
# Addresses with a secret in them, tried elsewhere, and those that only forward.
ACCOUNT_KEYS = {
    "account_confirm_email",
    "account_reset_password_from_key",
    "openid_connect_login",
    "openid_connect_callback",
}
# Pages that anybody may open without an account: the URL name and what a GET answers.
PUBLIC: dict[str, int] = {
    "assessments:whoami": 200,
    "assessments:document_find": 200,
}
# Public pages with a code in their address: tried by the tests of the app.
PUBLIC_CODES = {
    "zona:first_admin",
    "assessments:document_verify",
    "assessments:share_page",
    "assessments:share_file",
    "surveys:public_form",
    "surveys:public_result",
    "surveys:public_thanks",
}
