"""Score a file of answers without a database and print one JSON object."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from assessments import answer_file, outcome_json, scoring


class Command(BaseCommand):
    help = "Menghitung nilai satu berkas jawaban dan mencetaknya sebagai satu objek JSON."
    requires_system_checks = []

    def add_arguments(self, parser):
        outcome_json.add_file_arguments(parser)
        parser.add_argument(
            "--explain",
            metavar="KODE",
            help="sertakan asal-usul satu angka: kode butir atau simpul, total, atau WBK:area.5",
        )

    def handle(self, *args, **options):
        outcome_json.run(self.stdout, self.outcome, options)

    def outcome(self, options) -> dict[str, Any]:
        """Return what to print. Raises AnswerError for all that is wrong with the request."""
        instrument = outcome_json.instrument(options["instrument"])
        answers = answer_file.read_answers(instrument, outcome_json.content(options["file"]))
        result = scoring.score(instrument, answers)
        printed = outcome_json.result(result)
        if options["explain"] is not None:
            try:
                explanation = scoring.explain(
                    instrument, answers, options["explain"], result=result
                )
            except scoring.UnknownTarget as error:
                problem = scoring.Problem(scoring.shown(options["explain"]), str(error))
                raise scoring.AnswerError([problem]) from error
            printed["explanation"] = outcome_json.explanation(explanation)
        return printed
