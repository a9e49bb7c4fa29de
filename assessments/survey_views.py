"""Take a survey's figure over into a row, by an explicit act."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessments.catalog import catalog_of
from assessments.permissions import writing_track
from assessments.services.answers import AnswersLocked
from assessments.survey_link import NothingToAdopt, adopt_index, index_rows
from assessments.worksheet.page import section_url
from assessments.worksheet_views import visible


@login_required
@require_POST
def survey_adopt(request, pk: int, code: str):
    """Adopt the locked index of a survey on the track on which the person writes now."""
    assessment = visible(request, pk)
    if code not in index_rows(catalog_of(assessment.instrument)):
        raise Http404
    if writing_track(request.user, assessment) is None:
        raise PermissionDenied
    try:
        track = adopt_index(assessment=assessment, code=code, by=request.user)
    except NothingToAdopt:
        messages.error(request, _("Belum ada hasil survei sah yang dapat diambil."))
    except AnswersLocked as locked:
        messages.error(request, str(locked))
    else:
        text = _("Indeks survei diambil ke nilai %(track)s.") % {"track": track.label}
        messages.success(request, text)
    section = catalog_of(assessment.instrument).section_of[code]
    return redirect(section_url(assessment, section.code, code))
