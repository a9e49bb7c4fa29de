"""``manage.py verify_seals``: every seal still has its digest and reproduces its score."""

import json

from django.core.management.base import BaseCommand, CommandError

from assessments import scoring
from assessments.catalog import answer_value, catalog_of
from assessments.models import Seal
from assessments.services.seals import is_intact

_READINGS = {scoring.Reading.SAFE: "nilai", scoring.Reading.FILLED: "nilai butir terisi"}


class Command(BaseCommand):
    """Verify all seals; exit 1 when one was changed or scores differently."""

    help = "Memeriksa segel: sidik jari, dan nilai yang dihasilkan kembali oleh mesin yang sama."

    def handle(self, *args, **options) -> None:
        """Name each seal that does not hold."""
        faults = 0
        seals = Seal.objects.select_related("assessment__instrument").order_by("pk")
        for seal in seals.iterator(chunk_size=50):
            fault = self._fault(seal)
            if fault:
                faults += 1
                self.stderr.write(f"segel {seal.pk} (penilaian {seal.assessment_id}): {fault}")
        if faults:
            raise CommandError(f"{faults} segel tidak utuh.")
        self.stdout.write(f"{Seal.objects.count()} segel utuh.")

    def _fault(self, seal: Seal) -> str:
        if not is_intact(seal):
            return "isi berubah setelah disegel"
        # A text that was changed together with its digest can hold anything.
        try:
            return self._difference(seal, json.loads(seal.payload))
        except (ValueError, LookupError, TypeError, AttributeError):
            return "isi tidak terbaca sebagai segel"

    def _difference(self, seal: Seal, payload: dict) -> str:
        """Return where a seal's own columns or its recomputed score leave its text."""
        safe = payload["score"][scoring.Reading.SAFE.value]["total"]
        columns = (seal.engine_version, seal.instrument_checksum, f"{seal.safe_total:.6f}")
        if columns != (payload["engine_version"], payload["instrument_checksum"], safe):
            return "keterangan segel berbeda dari isinya"
        if payload["engine_version"] != scoring.ENGINE_VERSION:
            return ""
        values = {
            code: answer_value(row.get("choice", ""), _counts(row.get("inputs")))
            for code, row in payload["answers"].items()
        }
        result = scoring.score(catalog_of(seal.assessment.instrument).engine, values)
        for reading in scoring.Reading:
            sealed = payload["score"][reading.value]
            if scoring.six(result.readings[reading].total) != sealed["total"]:
                return f"{_READINGS[reading]} tidak dapat dihasilkan kembali"
        return ""


def _counts(inputs):
    """Return sealed counts, which are texts, as the stored form has them."""
    if inputs is None:
        return None
    return {name: int(text) if text.isdigit() else text for name, text in inputs.items()}
