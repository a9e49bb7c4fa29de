"""Forms of those who manage surveys: they turn posted text into clean values."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys import statistics
from surveys.index import SCALES, Kind
from surveys.models import (
    Access,
    Exclusion,
    ExternalIndex,
    Mode,
    Questionnaire,
    State,
    Survey,
    TargetMethod,
)
from surveys.models.questionnaires import SurveyKind
from surveys.models.surveys import ConversionChoice
from surveys.profile import profile
from surveys.questionnaire_file import LABEL_LENGTH
from surveys.services.lifecycle import Coverage, PlannedPart
from surveys.services.questionnaires import TEXT_FIELDS
from units.models import Unit

MOST_SERVED = 10_000_000
LABEL_LINE = re.compile(r"\s*\|\s*")
CODE = r"[a-z0-9][a-z0-9_-]{0,39}"


class DayInput(forms.DateInput):
    """The browser's own calendar; it speaks ISO dates."""

    input_type = "date"

    def __init__(self, **attrs):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class SurveyFilter(forms.Form):
    """What the list of surveys is narrowed to; an unknown value narrows nothing."""

    q = forms.CharField(label=gettext_lazy("Cari judul, unit, atau kode"), required=False)
    tahun = forms.ChoiceField(label=gettext_lazy("Tahun"), required=False)
    jenis = forms.ChoiceField(
        label=gettext_lazy("Jenis"),
        required=False,
        choices=[("", gettext_lazy("Semua jenis")), *SurveyKind.choices],
    )
    keadaan = forms.ChoiceField(
        label=gettext_lazy("Keadaan"),
        required=False,
        choices=[("", gettext_lazy("Semua keadaan")), *State.choices],
    )

    def __init__(self, data, *, surveys):
        """surveys: those that the person may see; the years come from them. One query."""
        super().__init__(data)
        years = surveys.order_by("-year").values_list("year", flat=True).distinct()
        self.fields["tahun"].choices = [
            ("", _("Semua tahun")),
            *((str(year), str(year)) for year in years),
        ]

    def narrow(self, surveys):
        """Return the surveys that the filter keeps."""
        self.is_valid()
        wanted = self.cleaned_data
        surveys = surveys.search(wanted.get("q", ""))
        if wanted.get("tahun"):
            surveys = surveys.filter(year=wanted["tahun"])
        if wanted.get("jenis"):
            surveys = surveys.filter(parts__kind=wanted["jenis"])
        if wanted.get("keadaan"):
            surveys = surveys.filter(state=wanted["keadaan"])
        return surveys


class SurveyForm(forms.Form):
    """A survey as it is planned; once it is open, only what no respondent was told or asked."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=gettext_lazy("Judul"), max_length=150)
    year = forms.IntegerField(label=gettext_lazy("Tahun"), min_value=2000, max_value=2100)
    questionnaires = forms.ModelMultipleChoiceField(
        Questionnaire.objects.none(),
        label=gettext_lazy("Kuesioner"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "SPAK dan SPKP dapat ditanyakan sekali duduk. Paling banyak satu edisi tiap jenis."
        ),
    )
    conversion = forms.ChoiceField(
        label=gettext_lazy("Konversi bila skalanya bukan 4"), choices=ConversionChoice.choices
    )
    opens_on = forms.DateField(label=gettext_lazy("Dibuka"), widget=DayInput())
    closes_on = forms.DateField(
        label=gettext_lazy("Hari terakhir"),
        widget=DayInput(),
        help_text=gettext_lazy("Sampai pukul 24.00 WIB."),
    )
    population = forms.IntegerField(
        label=gettext_lazy("Jumlah orang yang dilayani"),
        min_value=1,
        max_value=MOST_SERVED,
        required=False,
        help_text=gettext_lazy(
            "Pada masa yang disurvei. Bila layanan di bawah diisi semua, dipakai jumlahnya."
        ),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Rumus sasaran responden"), choices=TargetMethod.choices
    )
    access = forms.ChoiceField(
        label=gettext_lazy("Cara masuk"), choices=Access.choices, widget=forms.RadioSelect
    )
    profile_fields = forms.MultipleChoiceField(
        label=gettext_lazy("Data diri yang ditanyakan"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Tanyakan hanya yang akan dipakai (UU 27/2022)."),
    )
    contact = forms.CharField(
        label=gettext_lazy("Kontak untuk bertanya"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Misalnya nomor loket atau surel unit; tampil di halaman publik."),
    )
    complaint_url = forms.URLField(
        label=gettext_lazy("Tautan kanal pengaduan"), required=False, assume_scheme="https"
    )
    retention_months = forms.IntegerField(
        label=gettext_lazy("Jawaban satuan dihapus setelah (bulan)"), min_value=1, max_value=120
    )

    LOCKED_WHEN_OPEN = (
        "year",
        "questionnaires",
        "conversion",
        "opens_on",
        "access",
        "profile_fields",
        "retention_months",
    )

    def __init__(self, data=None, *, unit: Unit, survey: Survey | None = None):
        self.unit, self.survey = unit, survey
        super().__init__(data, initial=self._initial())
        self.fields["questionnaires"].queryset = Questionnaire.objects.order_by("kind", "-pk")
        self.fields["profile_fields"].choices = [
            (code, str(field.label)) for code, field in profile().fields.items()
        ]
        rows = unit.services.order_by("name")
        self.services = list(
            rows.filter(surveys=survey) if self.is_open else rows.filter(is_active=True)
        )
        self._add_services()
        if self.is_open:
            for name in self.LOCKED_WHEN_OPEN:
                self.fields.pop(name)
            for service in self.services:
                self.fields.pop(f"covers_{service.pk}")

    @property
    def is_open(self) -> bool:
        """Tell whether the survey takes answers already."""
        return self.survey is not None and self.survey.state == State.OPEN

    @property
    def service_fields(self) -> list[str]:
        """Return the names of the fields of the services."""
        names = [
            name
            for service in self.services
            for name in (f"covers_{service.pk}", f"served_{service.pk}")
        ]
        return [name for name in names if name in self.fields]

    @property
    def service_rows(self):
        """Return name, choice and count of every service; no choice once the survey is open."""
        return [
            (
                service.name,
                None if self.is_open else self[f"covers_{service.pk}"],
                self[f"served_{service.pk}"],
            )
            for service in self.services
        ]

    def _covers(self, service) -> bool:
        return self.is_open or bool(self.cleaned_data.get(f"covers_{service.pk}"))

    def _initial(self) -> dict[str, Any]:
        if self.survey is None:
            today = timezone.localdate()
            return {
                "year": today.year,
                "opens_on": today,
                "access": Access.OPEN,
                "method": TargetMethod.KREJCIE_MORGAN,
                "conversion": ConversionChoice.PROPORTIONAL,
                "profile_fields": list(profile().defaults),
                "retention_months": 24,
            }
        names = ("title", "year", "opens_on", "closes_on", "population", "method", "access")
        names += ("profile_fields", "contact", "complaint_url", "retention_months", "version")
        values = {name: getattr(self.survey, name) for name in names}
        parts = list(self.survey.parts.all())
        values["questionnaires"] = [part.questionnaire_id for part in parts]
        values["conversion"] = parts[0].conversion if parts else ConversionChoice.PROPORTIONAL
        return values

    def _add_services(self) -> None:
        covered = (
            {row.service_id: row.population for row in self.survey.covered.all()}
            if self.survey
            else {service.pk: None for service in self.services}
        )
        for service in self.services:
            self.fields[f"covers_{service.pk}"] = forms.BooleanField(
                label=service.name, required=False, initial=service.pk in covered
            )
            self.fields[f"served_{service.pk}"] = forms.IntegerField(
                label=_("Orang yang dilayani: %(service)s") % {"service": service.name},
                min_value=1,
                max_value=MOST_SERVED,
                required=False,
                initial=covered.get(service.pk),
            )

    def clean_questionnaires(self):
        """Refuse two editions of one kind."""
        chosen = self.cleaned_data["questionnaires"]
        kinds = [item.kind for item in chosen]
        if len(set(kinds)) < len(kinds):
            raise forms.ValidationError(_("Pilih paling banyak satu edisi tiap jenis survei."))
        return sorted(chosen, key=lambda item: SurveyKind.values.index(item.kind))

    def clean(self):
        """Refuse days in the wrong order and a survey that is over before it begins."""
        values = super().clean()
        opens = values.get("opens_on") or (self.survey.opens_on if self.survey else None)
        closes = values.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("Hari terakhir mendahului hari dibuka."))
        served = [
            values.get(f"served_{service.pk}") for service in self.services if self._covers(service)
        ]
        if served and all(served):
            values["population"] = sum(served)
        return values

    @property
    def plan_values(self) -> dict[str, Any]:
        """Return the clean values that are fields of a survey."""
        left_out = {"version", "year", "questionnaires", "conversion", *self.service_fields}
        return {name: v for name, v in self.cleaned_data.items() if name not in left_out}

    @property
    def parts(self) -> list[PlannedPart]:
        """Return the chosen questionnaires with their conversion."""
        conversion = self.cleaned_data["conversion"]
        return [PlannedPart(item, conversion) for item in self.cleaned_data["questionnaires"]]

    @property
    def coverage(self) -> list[Coverage]:
        """Return the chosen services, or those that are asked already."""
        return [
            Coverage(service, self.cleaned_data[f"served_{service.pk}"])
            for service in self.services
            if self._covers(service)
        ]


class CalculatorForm(forms.Form):
    """How many answers are needed."""

    orang = forms.IntegerField(
        label=gettext_lazy("Jumlah orang yang dilayani"), min_value=1, max_value=MOST_SERVED
    )
    galat = forms.DecimalField(
        label=gettext_lazy("Galat (%)"),
        min_value=Decimal(1),
        max_value=Decimal(20),
        decimal_places=1,
        initial=Decimal(5),
        localize=True,
    )

    def targets(self) -> list[tuple[str, statistics.Target]]:
        """Return what each formula says."""
        error = Fraction(self.cleaned_data["galat"]) / 100
        return [
            (
                str(label),
                statistics.target(
                    self.cleaned_data["orang"], statistics.Method(method), error=error
                ),
            )
            for method, label in TargetMethod.choices
        ]


class JudgeForm(forms.Form):
    """A decision about answers, with its reason."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Alasan"), choices=[("", gettext_lazy("Pilih alasan"))]
    )
    note = forms.CharField(label=gettext_lazy("Catatan"), max_length=300, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", _("Pilih alasan")), *Exclusion.Reason.choices]


class ReasonForm(forms.Form):
    """Why a locked result is opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Alasan"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ImportForm(forms.Form):
    """A file of answers that were collected elsewhere."""

    file = forms.FileField(
        label=gettext_lazy("Berkas XLSX atau CSV"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy("Paling banyak 5 MB dan 5.000 baris."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Cara pengumpulan"),
        choices=[(mode.value, mode.label) for mode in Mode if mode is not Mode.DESK],
        initial=Mode.PAPER,
    )
    enumerator = forms.CharField(
        label=gettext_lazy("Kode petugas"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "Siapa yang mewawancarai atau mengentri, dan bukan petugas yang melayani. Boleh kosong "
            "bila responden mengisi sendiri secara daring."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["enumerator"].is_asked_sometimes = True

    def clean(self):
        """Ask for the enumerator where somebody asked or typed."""
        values = super().clean()
        if values.get("mode") != Mode.ONLINE and not values.get("enumerator", "").strip():
            self.add_error("enumerator", _("Isi kode petugas yang mewawancarai atau mengentri."))
        return values


class ImprovementForm(forms.Form):
    """What the unit will do about a result."""

    subject = forms.CharField(label=gettext_lazy("Unsur atau hal"), max_length=150)
    action = forms.CharField(label=gettext_lazy("Perbaikan"), max_length=300)
    owner = forms.CharField(label=gettext_lazy("Penanggung jawab"), max_length=150)
    due_on = forms.DateField(label=gettext_lazy("Tenggat"), widget=DayInput())


class TokenForm(forms.Form):
    """How many tokens a printed sheet shall hold."""

    count = forms.IntegerField(
        label=gettext_lazy("Jumlah token"), min_value=1, max_value=500, initial=40
    )


class ExternalForm(forms.ModelForm):
    """An index found by an external surveyor, with its report."""

    class Meta:
        model = ExternalIndex
        fields = (
            "kind",
            "year",
            "index4",
            "answered",
            "surveyor",
            "report_number",
            "reported_on",
            "report",
        )
        widgets = {"reported_on": DayInput()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, kind.label) for kind in SurveyKind if kind != Kind.SKM]
        self.fields["kind"].choices = kinds
        self.fields["index4"] = forms.DecimalField(
            label=_("Indeks (0 sampai 4)"),
            min_value=0,
            max_value=4,
            decimal_places=2,
            max_digits=4,
            localize=True,
            help_text=_("Dua desimal seperti di laporan, misalnya 3,60."),
        )
        self.fields["report"].widget.attrs["accept"] = ".pdf"

    def clean_report(self):
        """Take a PDF of at most 10 MB, by its content."""
        report = self.cleaned_data["report"]
        if report.size > 10 * 1024 * 1024:
            raise forms.ValidationError(_("Laporan lebih besar dari 10 MB."))
        if report.read(5) != b"%PDF-":
            raise forms.ValidationError(_("Laporan harus berupa PDF."))
        report.seek(0)
        return report


class FollowForm(forms.Form):
    """A new edition that begins with the words of an older one."""

    code = forms.RegexField(
        f"^{CODE}$",
        label=gettext_lazy("Kode edisi baru"),
        max_length=40,
        help_text=gettext_lazy("Huruf kecil, angka, tanda hubung. Misalnya spak-2027-kkp."),
        error_messages={
            "invalid": gettext_lazy("Hanya huruf kecil, angka, garis bawah, dan tanda hubung.")
        },
    )
    scale_max = forms.TypedChoiceField(
        label=gettext_lazy("Skala"),
        coerce=int,
        choices=[(scale, f"1–{scale}") for scale in SCALES],
    )


class QuestionnaireForm(forms.ModelForm):
    """The words around the questions of an edition. ``version`` is the one the editor saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Questionnaire
        fields = TEXT_FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    @property
    def texts(self) -> dict[str, str]:
        """Return the clean words."""
        return {name: self.cleaned_data[name] for name in TEXT_FIELDS}


class QuestionRowForm(forms.Form):
    """A question of an edition. Rows with the same element code are its sub-questions."""

    element = forms.RegexField(f"^{CODE}$", label=gettext_lazy("Kode unsur"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Nama unsur"), max_length=100)
    name_en = forms.CharField(
        label=gettext_lazy("Nama unsur (Inggris)"), max_length=100, required=False
    )
    code = forms.RegexField(f"^{CODE}$", label=gettext_lazy("Kode pertanyaan"), max_length=40)
    text = forms.CharField(
        label=gettext_lazy("Pertanyaan"), max_length=400, widget=forms.Textarea(attrs={"rows": 4})
    )
    text_en = forms.CharField(
        label=gettext_lazy("Pertanyaan (Inggris)"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    help_text = forms.CharField(label=gettext_lazy("Keterangan"), max_length=300, required=False)
    help_text_en = forms.CharField(
        label=gettext_lazy("Keterangan (Inggris)"), max_length=300, required=False
    )
    labels = forms.CharField(
        label=gettext_lazy("Label jawaban, dari yang terburuk"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Satu baris satu label: Indonesia | English."),
    )

    def __init__(self, *args, scale_max: int, **kwargs):
        self.scale_max = scale_max
        super().__init__(*args, **kwargs)
        self.fields["labels"].widget.attrs["rows"] = scale_max

    def clean_labels(self):
        """Return the labels in both languages; as many as the scale has points, all different."""
        lines = [line.strip() for line in self.cleaned_data["labels"].splitlines() if line.strip()]
        pairs = [LABEL_LINE.split(line, maxsplit=1) for line in lines]
        if len(pairs) != self.scale_max:
            raise forms.ValidationError(
                _("Tulis tepat %(count)d label, satu tiap baris.") % {"count": self.scale_max}
            )
        said = [pair[0] for pair in pairs]
        english = [pair[1] if len(pair) > 1 else "" for pair in pairs]
        if len(set(said)) < len(said):
            raise forms.ValidationError(_("Label tidak boleh sama."))
        if any(len(word) > LABEL_LENGTH for word in (*said, *english)):
            raise forms.ValidationError(_("Label terlalu panjang."))
        return said, english if all(english) else []

    @property
    def row(self) -> dict[str, Any]:
        """Return the clean question as the service takes it."""
        values = {name: v for name, v in self.cleaned_data.items() if name != "DELETE"}
        said, english = values.pop("labels")
        return {**values, "labels": said, "labels_en": english}


class BaseQuestionRows(forms.BaseFormSet):
    """All questions of an edition."""

    def clean(self):
        """Refuse no question at all, and two with one code."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        codes = [form.cleaned_data.get("code") for form in kept if form.cleaned_data]
        if not codes:
            raise forms.ValidationError(_("Kuesioner harus berisi sedikitnya satu pertanyaan."))
        if len(set(codes)) < len(codes):
            raise forms.ValidationError(_("Kode pertanyaan tidak boleh sama."))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the clean questions in order, those taken out left out."""
        return [
            form.row for form in self.forms if form.cleaned_data and form not in self.deleted_forms
        ]


QuestionRows = forms.formset_factory(
    QuestionRowForm, formset=BaseQuestionRows, extra=1, can_delete=True, max_num=60
)


def row_initial(row: dict[str, Any]) -> dict[str, Any]:
    """Return a question as the form shows it: labels as lines of both languages."""
    english = row["labels_en"] or [""] * len(row["labels"])
    lines = [
        f"{said} | {word}" if word else said
        for said, word in zip(row["labels"], english, strict=True)
    ]
    return {**row, "labels": "\n".join(lines)}
