"""A second opinion on scores: the official form's arithmetic, read straight from the file.

It shares no line with ``scoring``: it walks the raw document and knows one reading at a time.
"""

from fractions import Fraction as F


def value_of(row, answer):
    """Return 0..1, None for an unanswered row, "out" for one that leaves the mean."""
    if answer is None:
        return None
    if "options" in row:
        return next(F(o["value"]) for o in row["options"] if o["code"] == answer)
    numbers = {i["name"]: F(answer[i["name"]]) for i in row["inputs"]}
    roles = {}
    for item in row["inputs"]:
        roles[item["role"]] = roles.get(item["role"], 0) + numbers[item["name"]]
    kind = row["computation"]["kind"]
    if kind == "score04":
        return min(F(1), roles["skor"] / 4)
    if kind == "decrease_ratio":
        whole, taken = roles["acuan"], roles["acuan"] - roles["pembanding"]
        both_zero = roles["acuan"] == roles["pembanding"] == 0
    else:
        whole, taken = roles["penyebut"], roles["pembilang"]
        both_zero = whole == taken == 0
    if whole:
        return max(F(0), min(F(1), taken / whole))
    return {
        "score_zero": F(0),
        "score_one": F(1),
        "exclude": "out",
        "one_if_both_zero_else_zero": F(int(both_zero)),
    }[row["computation"]["zero_denominator"]["policy"]]


def points_of(node, answers, *, filled):
    """Return the points of a node and, in a dict, those of all below it."""
    if "children" in node:
        found = {}
        for child in node["children"]:
            found |= points_of(child, answers, filled=filled)
        found[node["code"]] = sum((found[c["code"]] for c in node["children"]), F(0))
        return found
    values = [value_of(row, answers.get(row["code"])) for row in node["indicators"]]
    values = [value for value in values if value != "out"]
    values = [value for value in values if value is not None] if filled else values
    mean = sum((value or F(0) for value in values), F(0)) / len(values) if values else F(0)
    return {node["code"]: F(node["weight"]) * mean}


def nodes(document, answers, *, filled=False):
    """Return the points of every node of a document."""
    found = {}
    for root in document["tree"]:
        found |= points_of(root, answers, filled=filled)
    return found


def total(document, answers, *, filled=False):
    """Return the total of a worksheet."""
    found = nodes(document, answers, filled=filled)
    return sum((found[root["code"]] for root in document["tree"]), F(0))


def unmet(document, answers, predicate):
    """Return the codes of the thresholds that a worksheet does not reach."""
    found = nodes(document, answers)
    failing = []
    for rule in document["threshold_rules"]:
        if rule["predicate"] != predicate:
            continue
        if rule["target"] == "total":
            if total(document, answers) < F(rule["minimum_points"]):
                failing.append(rule["code"])
        elif rule["target"] == "each_area":
            for area in document["areas"]:
                reached = sum(found[code] for code in area["nodes"])
                if reached < F(rule["minimum_ratio"]) * F(area["weight"]):
                    failing.append(f"{rule['code']}.{area['code']}")
        elif sum(found[code] for code in rule["target"]) < F(rule["minimum_points"]):
            failing.append(rule["code"])
    return failing
