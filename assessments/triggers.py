"""What the database itself refuses: changing an instrument, a seal, a final worksheet, a closed
period.

A final worksheet is closed on the ``unit`` and ``tpi`` tracks; the national result (``tpn``) is
recorded after it. Corrections are new versions. Once its period is closed nothing of a worksheet
changes; scores are derived from it and may be computed again.
"""

from zona.triggers import immutable_rows

_FINAL = (
    "EXISTS (SELECT 1 FROM assessments_assessment a"
    " WHERE a.id = {row}.assessment_id AND a.state = 'final')"
)

_CLOSED = (
    "EXISTS (SELECT 1 FROM assessments_assessment a"
    " JOIN assessments_period p ON p.id = a.period_id"
    " WHERE a.id = {row}.assessment_id AND p.closed_at IS NOT NULL)"
)
_OF_CLOSED_PERIOD = (
    "EXISTS (SELECT 1 FROM assessments_period p"
    " WHERE p.id = {row}.period_id AND p.closed_at IS NOT NULL)"
)
_FROZEN = "a closed period is frozen"

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

for table in (
    "assessments_answer",
    "assessments_evidenceuse",
    "assessments_teammember",
    "assessments_areacompletion",
    "assessments_objection",
    "assessments_comment",
    "assessments_seal",
):
    immutable_rows(
        table,
        when=_CLOSED,
        events=("INSERT", "UPDATE", "DELETE"),
        name="closed",
        message=_FROZEN,
    )
immutable_rows(
    "assessments_eligibilitycheck",
    when=_OF_CLOSED_PERIOD,
    events=("INSERT", "UPDATE", "DELETE"),
    name="closed",
    message=_FROZEN,
)
# A letter that went up before the closing may come back signed, with its number, after it.
immutable_rows(
    "assessments_proposal",
    when=_OF_CLOSED_PERIOD,
    events=("INSERT", "UPDATE", "DELETE"),
    columns=("period_id", "signer_name", "signer_position", "created_at", "created_by_id"),
    name="closed",
    message=_FROZEN,
)
immutable_rows(
    "assessments_assessment",
    when=_OF_CLOSED_PERIOD,
    events=("INSERT", "UPDATE", "DELETE"),
    columns=("state", "version", "target", "period_id", "unit_id", "instrument_id"),
    name="closed",
    message=_FROZEN,
)
immutable_rows("assessments_periodarchive", message="an archive never changes")
immutable_rows(
    "assessments_plenary",
    when="{row}.closed_at IS NOT NULL",
    message="a plenary whose minutes are issued never changes",
)
immutable_rows(
    "assessments_plenarydecision",
    when=(
        "EXISTS (SELECT 1 FROM assessments_plenary p"
        " WHERE p.id = {row}.plenary_id AND p.closed_at IS NOT NULL)"
    ),
    events=("INSERT", "UPDATE", "DELETE"),
    message="a plenary whose minutes are issued never changes",
)
