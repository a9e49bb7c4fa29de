"""Pages of questionnaires: editions, preview, a new edition and its words."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from surveys import permissions
from surveys.forms import FollowForm, QuestionnaireForm, QuestionRows, row_initial
from surveys.models import Questionnaire
from surveys.services import questionnaires
from surveys.sheet import sheet_of


@login_required
@require_safe
def questionnaire_list(request):
    """List all editions."""
    context = {
        "rows": Questionnaire.objects.select_related("follows").order_by("kind", "-pk"),
        "can_edit": permissions.can_edit_questionnaires(request.user),
    }
    return render(request, "surveys/questionnaire_list.html", context)


@login_required
@require_safe
def questionnaire_detail(request, pk):
    """Show what an edition asks, as respondents will see it."""
    questionnaire = get_object_or_404(Questionnaire, pk=pk)
    context = {
        "questionnaire": questionnaire,
        "sheet": sheet_of(questionnaire),
        "can_edit": permissions.can_edit_questionnaires(request.user),
    }
    return render(request, "surveys/questionnaire_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def questionnaire_follow(request, pk):
    """Begin a new edition with the words of this one."""
    if not permissions.can_edit_questionnaires(request.user):
        raise PermissionDenied
    questionnaire = get_object_or_404(Questionnaire, pk=pk)
    form = FollowForm(request.POST or None, initial={"scale_max": questionnaire.scale_max})
    if request.method == "POST" and form.is_valid():
        try:
            fresh = questionnaires.follow_questionnaire(
                questionnaire=questionnaire, by=request.user, **form.cleaned_data
            )
        except questionnaires.QuestionnaireCodeTaken:
            form.add_error("code", _("Kode ini sudah dipakai edisi lain."))
        else:
            messages.success(request, _("Edisi baru dibuat. Ubah isinya sebelum dipakai."))
            return redirect("surveys:questionnaire_edit", pk=fresh.pk)
    context = {"form": form, "questionnaire": questionnaire}
    return render(request, "surveys/questionnaire_follow.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def questionnaire_edit(request, pk):
    """Change the words of an edition that nobody has used yet."""
    if not permissions.can_edit_questionnaires(request.user):
        raise PermissionDenied
    questionnaire = get_object_or_404(Questionnaire, pk=pk)
    if questionnaire.is_frozen:
        raise PermissionDenied
    form = QuestionnaireForm(request.POST or None, instance=questionnaire)
    rows = QuestionRows(
        request.POST or None,
        initial=[row_initial(row) for row in questionnaires.rows_of(questionnaire)],
        form_kwargs={"scale_max": questionnaire.scale_max},
        prefix="q",
    )
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            questionnaires.update_questionnaire(
                questionnaire=questionnaire,
                version=form.cleaned_data["version"],
                texts=form.texts,
                rows=rows.rows,
                by=request.user,
            )
        except questionnaires.QuestionnaireChanged:
            form.add_error(None, _("Rekan Anda menyimpan edisi ini lebih dulu. Muat ulang."))
        except questionnaires.QuestionnaireFrozen:
            form.add_error(None, _("Edisi ini baru saja dipakai dan tidak dapat diubah lagi."))
        else:
            messages.success(request, _("Edisi tersimpan."))
            return redirect(questionnaire)
    context = {"form": form, "rows": rows, "questionnaire": questionnaire}
    return render(request, "surveys/questionnaire_form.html", context)
