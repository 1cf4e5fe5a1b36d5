"""The table that the benchmark prints: one row a measurement, with its ratio and its target."""
import statistics
import sys

ROWS = []


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def row(what, plain, hearth, unit, target=None, more_is_better=False):
    """One line of the report. Samples become their median; the ratio is hearth / plain."""
    plain, hearth = (statistics.median(v) if isinstance(v, list) and v else None if isinstance(v, list) else v
                     for v in (plain, hearth))
    ratio = hearth / plain if plain and hearth is not None else None
    ROWS.append({"what": what, "plain": plain, "hearth": hearth, "unit": unit, "ratio": ratio, "target": target,
                 "more_is_better": more_is_better})
    say(line_of(ROWS[-1]))


def line_of(r):
    def number(v):
        return "-" if v is None else f"{v:.3g}" if abs(v) < 1000 else f"{v:.0f}"
    sign = ">=" if r["more_is_better"] else "<="
    value = r["ratio"] if r["plain"] is not None else r["hearth"]
    met = ""
    if r["target"] is not None and value is not None:
        met = "yes" if (value >= r["target"] if r["more_is_better"] else value <= r["target"]) else "NO"
    target = "" if r["target"] is None else f"{sign} {r['target']:g}"
    return (f"{r['what']:52} {r['unit']:6} {number(r['plain']):>8} {number(r['hearth']):>8} "
            f"{number(r['ratio']):>7}  {target:8} {met}")
