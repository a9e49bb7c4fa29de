"""Small groups: withheld, and not to be found by subtraction either."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import disclosure


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        pytest.param({"a": 5, "b": 60}, set(), id="five may be told"),
        pytest.param({"a": 4, "b": 60, "c": 9}, {"a", "c"}, id="one alone would be the rest"),
        pytest.param({"a": 4, "b": 4, "c": 60}, {"a", "b"}, id="two hide each other"),
        pytest.param({"a": 1, "b": 2, "c": 60, "d": 7}, {"a", "b", "d"}, id="two of too few"),
        pytest.param({"a": 4, "b": 60}, {"a", "b"}, id="nothing left to tell"),
        pytest.param({"a": 0, "b": 60}, set(), id="an empty group hides nothing"),
        pytest.param({}, set(), id="no groups"),
    ],
)
def test_which_groups_are_withheld(sizes, hidden):
    assert disclosure.withheld(sizes) == hidden


def test_a_group_withheld_for_another_reason_takes_a_second_along():
    assert disclosure.withheld({"a": 20, "b": 60, "c": 9}, also={"a"}) == {"a", "c"}


@settings(deadline=None)
@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=1), st.integers(0, 12)))
def test_what_is_withheld_can_never_be_told_by_subtraction(sizes):
    hidden = disclosure.withheld(sizes)
    shown = {key for key, size in sizes.items() if size} - hidden

    rest = sum(sizes[key] for key in hidden)
    assert all(sizes[key] >= disclosure.MINIMUM for key in shown)
    assert not hidden or not shown or (len(hidden) > 1 and rest >= disclosure.MINIMUM)


@pytest.mark.parametrize(
    ("before", "after", "little"),
    [
        pytest.param([0, 0, 5, 5], [0, 0, 5, 5], False, id="unchanged"),
        pytest.param([0, 0, 5, 5], [0, 0, 5, 6], True, id="one came"),
        pytest.param([0, 0, 5, 5], [0, 0, 4, 6], True, id="one went and one came"),
        pytest.param([0, 0, 5, 5], [0, 0, 5, 10], False, id="five came"),
    ],
)
def test_a_group_that_hardly_changed_would_tell_the_difference(before, after, little):
    assert disclosure.changed_too_little({"q": before}, {"q": after}) is little
