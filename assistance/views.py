"""Pages of recommendations: the register, one of them with its steps, and writing them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.catalog import catalog_of
from assessments.models import Assessment, Evidence
from assessments.services.evidence import EvidenceRefused
from assistance import detail, export, printing, wording
from assistance.forms import (
    LIBRARY_SHOWN,
    BulkForm,
    DecisionForm,
    ExtensionForm,
    MoveForm,
    RecommendationForm,
    owner_value,
)
from assistance.models import Check, DueDateExtension, Recommendation, Source
from assistance.permissions import can_change, standing_of
from assistance.register import build_register, selected, units_side_by_side
from assistance.services import follow_up
from assistance.services.recommendations import (
    RecommendationChanged,
    RecommendationRefused,
    create_many,
    create_recommendation,
    update_recommendation,
)
from units.access import Permission, has_permission
from units.models import Unit

ID_DIGITS = 18
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def seen_unit(request, pk) -> Unit:
    """Return a unit that the person sees; 404 otherwise."""
    return get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)


def seen_assessment(request, pk) -> Assessment:
    """Return a worksheet that the person sees; 404 otherwise."""
    rows = Assessment.objects.visible_to(request.user).for_page()
    return get_object_or_404(rows, pk=pk)


def seen(request, pk) -> Recommendation:
    """Return a recommendation that the person sees; 404 otherwise."""
    rows = Recommendation.objects.visible_to(request.user).select_related(
        "unit",
        "unit__parent",
        "indicator",
        "owner_user",
        "created_by",
        "repeats",
        "assessment__period",
    )
    return get_object_or_404(rows, pk=pk)


def sources_for(user, unit: Unit, assessment: Assessment | None) -> list[Source]:
    """Return the sources under which the person writes here; 403 for who writes nothing."""
    standing = standing_of(user, unit)
    if standing.advises:
        sources = [Source.VISIT, Source.DESK, Source.SURVEY, Source.TPN]
        return sources if assessment is not None else [s for s in sources if s != Source.DESK]
    if standing.plans:
        return [Source.OWN]
    raise PermissionDenied


# The register -----------------------------------------------------------------------------------


@login_required
@require_safe
def register(request):
    """Show the recommendations that the person may see, filtered and sorted as the address says."""
    page = build_register(request.user, request.GET)
    context = {
        "register": page,
        "page": page.page,
        "sort": page.sort,
        "can_compare": has_permission(request.user, Permission.PORTFOLIO_VIEW),
    }
    return render(request, "assistance/register.html", context)


@login_required
@require_safe
def unit_register(request, unit_pk):
    """Show the recommendations of one unit, and its matrix."""
    unit = seen_unit(request, unit_pk)
    page = build_register(request.user, request.GET, unit)
    standing = standing_of(request.user, unit)
    context = {
        "register": page,
        "page": page.page,
        "sort": page.sort,
        "unit": unit,
        "can_create": standing.advises or standing.plans,
        "can_print": printing.can_print(request.user, unit),
        "matrix": printing.matrices_of(unit, request.user).first(),
    }
    return render(request, "assistance/register.html", context)


@login_required
@require_safe
def register_export(request):
    """Send the list that the address shows as a workbook."""
    unit = None
    asked = request.GET.get("satker", "")
    if asked.isdecimal() and len(asked) <= ID_DIGITS:
        unit = seen_unit(request, int(asked))
    _form, rows = selected(request.user, request.GET, unit)
    response = HttpResponse(export.write_register(rows), content_type=XLSX)
    name = f"rekomendasi-{timezone.localdate():%Y%m%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@require_safe
def portfolio(request):
    """Show the units side by side: open, overdue, age, closed."""
    if not has_permission(request.user, Permission.PORTFOLIO_VIEW):
        raise PermissionDenied
    page, sort, totals = units_side_by_side(request.user, request.GET)
    context = {"page": page, "sort": sort, "totals": totals}
    return render(request, "assistance/portfolio.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def matrix(request, unit_pk):
    """Hand out the newest matrix of a unit, or ask for one; it is made in the background."""
    unit = seen_unit(request, unit_pk)
    if request.method == "POST":
        if not printing.can_print(request.user, unit):
            raise PermissionDenied
        site = request.build_absolute_uri("/").rstrip("/")
        printing.request_matrix(unit=unit, by=request.user, site=site)
        messages.success(request, _("Matriks sedang dibuat. Muat ulang halaman ini sebentar lagi."))
        return redirect("assistance:unit_register", unit.pk)
    document = printing.matrices_of(unit, request.user).first()
    if document is None:
        raise Http404
    return FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=f"Matriks tindak lanjut {unit.code} v{document.version}.pdf",
        content_type="application/pdf",
    )


# Writing ----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def recommendation_for_row(request, pk, code):
    """Write a recommendation on a worksheet's row; the form comes filled, so two clicks do."""
    assessment = seen_assessment(request, pk)
    if code not in catalog_of(assessment.instrument).ids:
        raise Http404
    sources = sources_for(request.user, assessment.unit, assessment)
    offer = wording.offers_for(assessment, request.user, [code])[code]
    initial = {
        "source": _first_source(sources, assessment),
        "condition": offer.condition,
        "criterion": offer.criterion,
        "effect": offer.effect,
        "advice": offer.advice,
        "reason": offer.reason,
        "due_on": offer.due_on,
        "priority": offer.priority,
    }
    check = _check_of(request, assessment, code)
    if check is not None and Source.VISIT in sources:
        initial["source"] = Source.VISIT
        initial |= {
            name: getattr(check, name) for name in ("condition", "advice") if getattr(check, name)
        }
    visit = check.visit if check is not None else None
    return _create(request, assessment.unit, sources, initial, assessment, offer, visit)


def _check_of(request, assessment: Assessment, code: str) -> Check | None:
    """Return the visit's check from which the person comes; None where there is none."""
    asked = request.GET.get("kunjungan", "")
    if not asked.isdecimal() or len(asked) > ID_DIGITS:
        return None
    rows = Check.objects.select_related("visit").filter(
        visit=int(asked), visit__assessment=assessment, indicator__code=code
    )
    return rows.first()


def _first_source(sources, assessment: Assessment) -> str:
    desk = assessment.is_in_review and Source.DESK in sources
    return Source.DESK if desk else sources[0]


@login_required
@require_http_methods(["GET", "POST"])
def recommendation_create(request, unit_pk):
    """Write a recommendation for a unit as a whole."""
    unit = seen_unit(request, unit_pk)
    sources = sources_for(request.user, unit, None)
    initial = {"source": sources[0], "due_on": wording.first_due(), "priority": 2}
    return _create(request, unit, sources, initial)


def _create(request, unit, sources, initial, assessment=None, offer=None, visit=None):
    form = RecommendationForm(request.POST or None, unit=unit, sources=sources, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = create_recommendation(
                unit=unit,
                assessment=assessment,
                source=form.cleaned_data["source"],
                draft=form.draft(offer.code if offer else ""),
                by=request.user,
                visit=visit,
            )
        except RecommendationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Rekomendasi {code} dibuat.").format(code=row.code))
            return redirect(row)
    context = {"form": form, "unit": unit, "assessment": assessment, "offer": offer}
    return render(request, "assistance/recommendation_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def recommendation_way(request, pk, predicate):
    """Write recommendations for the steps of the shortest way to a predicate, all at once."""
    assessment = seen_assessment(request, pk)
    sources = sources_for(request.user, assessment.unit, assessment)
    try:
        offers = wording.offers_on_the_way(assessment, request.user, predicate)
    except KeyError as unknown:
        raise Http404 from unknown
    initial = {"source": _first_source(sources, assessment), "due_on": wording.first_due()}
    form = BulkForm(
        request.POST or None,
        unit=assessment.unit,
        sources=sources,
        offers=offers,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            rows = create_many(
                unit=assessment.unit,
                assessment=assessment,
                source=form.cleaned_data["source"],
                drafts=form.drafts(),
                by=request.user,
            )
        except RecommendationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = ngettext("%(n)d rekomendasi dibuat.", "%(n)d rekomendasi dibuat.", len(rows))
            messages.success(request, said % {"n": len(rows)})
            return redirect("assistance:unit_register", assessment.unit_id)
    context = {"form": form, "assessment": assessment, "predicate": predicate}
    return render(request, "assistance/recommendation_way.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def recommendation_edit(request, pk):
    """Change a recommendation while nothing was reported."""
    row = seen(request, pk)
    if not can_change(request.user, row):
        raise PermissionDenied
    initial = {
        "condition": row.condition,
        "criterion": row.criterion,
        "effect": row.effect,
        "advice": row.advice,
        "owner": owner_value(row),
        "due_on": row.due_on,
        "priority": row.priority,
        "version": row.version,
    }
    form = RecommendationForm(request.POST or None, unit=row.unit, row=row, initial=initial)
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            update_recommendation(
                row=row,
                draft=form.draft(reason=row.reason),
                version=form.cleaned_data["version"] or 0,
                by=request.user,
            )
        except RecommendationChanged as changed:
            conflict = detail.edit_conflict(changed.current, form.cleaned_data)
            form.data = form.data.copy()
            form.data["version"] = changed.current.version
        except RecommendationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Rekomendasi tersimpan."))
            return redirect(row)
    context = {"form": form, "unit": row.unit, "row": row, "conflict": conflict}
    return render(request, "assistance/recommendation_form.html", context)


# One recommendation and its steps ---------------------------------------------------------------


@login_required
@require_safe
def recommendation(request, pk):
    """Show a recommendation, what was done about it, and what the person may do now."""
    return _page(request, seen(request, pk))


def _page(request, row, status=200, **forms):
    page = detail.build_detail(row, request.user)
    if page.can_follow_up:
        forms.setdefault("progress", MoveForm(library=_library(row), prefix="perkembangan"))
        forms.setdefault("finish", MoveForm(library=_library(row), prefix="selesai"))
        forms.setdefault("wish", ExtensionForm(prefix="waktu"))
    for name, prefix in detail.STEP_FORMS.items():
        forms.setdefault(name, MoveForm(prefix=prefix))
    forms.setdefault("decision", DecisionForm(prefix="putusan"))
    context = {"page": page, "row": row, "forms": forms}
    return render(request, "assistance/recommendation.html", context, status=status)


def _library(row: Recommendation):
    pieces = Evidence.objects.filter(unit=row.unit_id).newest()
    newest = pieces.order_by("-pk").values("pk")[:LIBRARY_SHOWN]
    return Evidence.objects.filter(pk__in=list(newest.values_list("pk", flat=True)))


@login_required
@require_POST
def recommendation_move(request, pk, step):
    """Take a step; what cannot be taken comes back with its sentence and all that was typed."""
    row = seen(request, pk)
    if step not in follow_up.MOVES:
        raise Http404
    takes_proof = step in ("perkembangan", "selesai")
    form = MoveForm(
        request.POST,
        request.FILES,
        prefix=step,
        library=_library(row) if takes_proof else None,
    )
    is_valid = form.is_valid()
    barred = follow_up.barred(row, step, request.user)
    if barred:
        form.add_error(None, barred)
    elif is_valid:
        values = form.cleaned_data
        proof = None
        if takes_proof:
            proof = follow_up.Proof(
                tuple(values["chosen"]), values.get("upload"), values.get("url", "")
            )
        try:
            moved = follow_up.move(
                row=row, name=step, by=request.user, text=values["text"], proof=proof
            )
        except (RecommendationRefused, EvidenceRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("{code}: {state}.").format(
                code=moved.code, state=str(moved.get_state_display()).lower()
            )
            messages.success(request, said)
            return redirect(moved)
    name = next((name for name, prefix in detail.ALL_FORMS.items() if prefix == step), "")
    return _page(request, row, status=_status(barred), **{name: form}, failed=form)


def _status(barred: str) -> int:
    """403 for a step that is not the person's, 422 for one that cannot be taken like this."""
    return 403 if barred else 422


@login_required
@require_POST
def extension_ask(request, pk):
    """Ask for a later due date."""
    row = seen(request, pk)
    form = ExtensionForm(request.POST, prefix="waktu")
    is_valid = form.is_valid()
    barred = follow_up.barred_from_asking(row, request.user)
    if barred:
        form.add_error(None, barred)
    elif is_valid:
        try:
            follow_up.ask_extension(
                row=row,
                due_on=form.cleaned_data["due_on"],
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except RecommendationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Permintaan perpanjangan terkirim ke tim penilai."))
            return redirect(row)
    return _page(request, row, status=_status(barred), wish=form, failed=form)


@login_required
@require_POST
def extension_decide(request, pk, wish_pk):
    """Grant or deny a wish for a later due date."""
    row = seen(request, pk)
    wish = get_object_or_404(
        DueDateExtension.objects.select_related("recommendation"), pk=wish_pk, recommendation=row
    )
    form = DecisionForm(request.POST, prefix="putusan")
    grant = request.POST.get("putusan") == "setuju"
    is_valid = form.is_valid()
    barred = follow_up.barred_from_deciding(row, wish, request.user)
    if barred:
        form.add_error(None, barred)
    elif is_valid:
        try:
            follow_up.decide_extension(
                wish=wish, grant=grant, by=request.user, note=form.cleaned_data["note"]
            )
        except RecommendationRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("Perpanjangan disetujui.") if grant else _("Perpanjangan ditolak.")
            )
            return redirect(row)
    return _page(request, row, status=_status(barred), decision=form, failed=form)
