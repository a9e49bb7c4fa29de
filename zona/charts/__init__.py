"""Small charts as SVG, drawn on the server: the same figure on the page and in the document.

Every function takes ratios and positions for the drawing and finished words for the text (this
module rounds nothing that a reader sees), escapes what it is given and returns markup that lives
under a strict content security policy: classes on the screen, presentation attributes in print,
never ``style``. Form carries the meaning beside colour: solid and dashed ticks, hatching, discs
and squares. A chart with data of its own comes as a ``Chart``: picture, header and rows of the
equal table.
"""

from zona.charts.areas import AreaBar, area_bars
from zona.charts.bars import Bar, value_bars
from zona.charts.heat import NO_GATE, HeatCell, HeatRow, heat_map
from zona.charts.series import Level, Pair, Point, Stage, dumbbell, funnel, trend
from zona.charts.signs import gate_bar, ring
from zona.charts.svg import Chart, Medium, Number, Tick

__all__ = [
    "NO_GATE",
    "AreaBar",
    "Bar",
    "Chart",
    "HeatCell",
    "HeatRow",
    "Level",
    "Medium",
    "Number",
    "Pair",
    "Point",
    "Stage",
    "Tick",
    "area_bars",
    "dumbbell",
    "funnel",
    "gate_bar",
    "heat_map",
    "ring",
    "trend",
    "value_bars",
]
