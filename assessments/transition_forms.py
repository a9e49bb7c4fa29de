"""What a step of a worksheet asks for: a reason, rows to return, a deadline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.services.checks import WARNINGS, Finding
from assessments.services.states import ReturnedRow, Transition

DUE_MAX_DAYS = 366


class TransitionForm(forms.Form):
    """The fields of one step; ``rows`` are read from the checkboxes beside each row.

    Each rule that may stand broken has a field for the reason, named after it.
    """

    reason = forms.CharField(
        label=_("Alasan"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    due = forms.DateField(
        label=_("Batas perbaikan"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Berakhir pukul 24.00 WIB pada hari itu."),
    )

    def __init__(
        self,
        step: Transition,
        *args,
        warnings: Mapping[str, Sequence[Finding]] | None = None,
        reasons: Mapping[str, str] | None = None,
        **kwargs,
    ) -> None:
        """warnings: what may stand with a reason, by rule. reasons: those given before."""
        super().__init__(*args, **kwargs)
        self.step, self.warnings = step, warnings or {}
        for rule, found in self.warnings.items():
            self.fields[f"warning.{rule}"] = forms.CharField(
                label=_("%(title)s (%(count)d): mengapa tetap diteruskan?")
                % {"title": WARNINGS[rule], "count": len(found)},
                max_length=2_000,
                initial=(reasons or {}).get(rule, ""),
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["reason"].required = step.needs_reason
        if not step.needs_reason:
            self.fields["reason"].label = _("Catatan")
        if not step.needs_rows:
            del self.fields["due"]
        else:
            self.fields["due"].initial = timezone.localdate() + timedelta(days=7)

    def clean_due(self):
        """Refuse a deadline more than a year away: a slip of the pen."""
        due = self.cleaned_data["due"]
        if due > timezone.localdate() + timedelta(days=DUE_MAX_DAYS):
            raise forms.ValidationError(_("Batas perbaikan paling lama satu tahun dari sekarang."))
        return due

    def given(self, post: QueryDict) -> dict[str, Any]:
        """Return what the service takes; call after ``is_valid``.

        A deadline ends with its day, in WIB.
        """
        given: dict[str, Any] = {"reason": self.cleaned_data["reason"]}
        given["waivers"] = {rule: self.cleaned_data[f"warning.{rule}"] for rule in self.warnings}
        if self.step.needs_rows:
            day = self.cleaned_data["due"] + timedelta(days=1)
            given["due"] = timezone.make_aware(datetime.combine(day, time.min))
            given["rows"] = [
                ReturnedRow(code, post.get(f"reason.{code}", ""), post.get(f"note.{code}", ""))
                for code in dict.fromkeys(post.getlist("rows"))
            ]
        return given
