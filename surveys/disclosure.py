"""Which groups of a result may be told, so that nobody's answers can be worked out.

A group of fewer than MINIMUM is withheld. As the whole is known, a single withheld group could be
found by subtraction; then the next smallest is withheld too. A group that changed by fewer than
MINIMUM answers since a version that somebody may have kept is withheld for the same reason.

Decision: 0012-small-groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

MINIMUM = 5


def withheld(
    sizes: Mapping[str, int], *, also: Iterable[str] = (), minimum: int = MINIMUM
) -> frozenset[str]:
    """Return the groups of one breakdown that must not be told.

    sizes: how many answered in each group; together they are a whole that is known.
    also: groups that must not be told for another reason.
    """
    present = {key: size for key, size in sizes.items() if size}
    hidden = {key for key, size in present.items() if size < minimum} | (set(also) & set(present))
    if not hidden:
        return frozenset()
    rest = sorted(set(present) - hidden, key=lambda key: (present[key], key))
    for key in rest:
        if len(hidden) > 1 and sum(present[name] for name in hidden) >= minimum:
            break
        hidden.add(key)
    return frozenset(hidden)


def moved(before: Sequence[int], after: Sequence[int]) -> int:
    """Return by how many answers two counts over the same points differ at least."""
    came = sum(max(0, new - old) for old, new in zip(before, after, strict=True))
    went = sum(max(0, old - new) for old, new in zip(before, after, strict=True))
    return max(came, went)


def changed_too_little(
    before: Mapping[str, Sequence[int]],
    after: Mapping[str, Sequence[int]],
    *,
    minimum: int = MINIMUM,
) -> bool:
    """Tell whether a group differs from its earlier self, but by fewer answers than the minimum.

    before, after: per question how often each point was chosen.
    """
    shared = before.keys() & after.keys()
    most = max((moved(before[key], after[key]) for key in shared), default=0)
    return 0 < most < minimum
