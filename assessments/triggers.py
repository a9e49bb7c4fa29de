"""What the database itself refuses: changing an instrument, a seal, a final worksheet.

A final worksheet is closed on the ``unit`` and ``tpi`` tracks; the national result (``tpn``) is
recorded after it. Corrections are new versions.
"""

from zona.triggers import immutable_rows

_FINAL = (
    "EXISTS (SELECT 1 FROM assessments_assessment a"
    " WHERE a.id = {row}.assessment_id AND a.state = 'final')"
)

for table in (
    "assessments_instrument",
    "assessments_node",
    "assessments_indicator",
    "assessments_option",
    "assessments_input",
    "assessments_thresholdrule",
    "assessments_eligibilityrule",
):
    immutable_rows(table, message="a published instrument never changes")

immutable_rows("assessments_seal", message="a seal never changes")

immutable_rows(
    "assessments_answer",
    when=f"{{row}}.track IN ('unit', 'tpi') AND {_FINAL}",
    events=("INSERT", "UPDATE", "DELETE"),
    message="a final worksheet never changes",
)
immutable_rows(
    "assessments_evidenceuse",
    when=_FINAL,
    events=("INSERT", "UPDATE", "DELETE"),
    message="the evidence of a final worksheet never changes",
)
immutable_rows("assessments_shareopening", message="an opening is history")
immutable_rows(
    "assessments_review",
    message="a review is history",
)
immutable_rows("assessments_guidance", message="a version of guidance never changes")
immutable_rows(
    "assessments_objection",
    when="{row}.answered_at IS NOT NULL",
    message="an answered objection never changes",
)
