"""Pages of the instruments: what the regulation asks, as it was loaded."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from assessments.models import Instrument
from assessments.permissions import can_write_guidance
from assessments.services.advice import written_codes
from assessments.worksheet.instrument import instrument_page


@login_required
@require_GET
def instrument_list(request):
    """List every edition and version."""
    rows = Instrument.objects.prefetch_related("periods").defer("document")
    return render(request, "assessments/instrument_list.html", {"instruments": rows})


@login_required
@require_GET
def instrument_detail(request, pk):
    """Show an edition: tree with weights, criteria, thresholds, sources, eligibility."""
    instrument = get_object_or_404(Instrument, pk=pk)
    page = instrument_page(instrument)
    context = {
        "instrument": instrument,
        "page": page,
        "guided": written_codes(instrument.pk),
        "can_write_guidance": can_write_guidance(request.user),
    }
    return render(request, "assessments/instrument_detail.html", context)
