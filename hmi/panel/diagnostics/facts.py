"""A status report as groups of facts, each a name and a sentence: what the diagnostics page writes."""

from __future__ import annotations

from datetime import datetime

from hmi.link.messages import StatusReport
from hmi.panel.painting.words import zone_of
from hmi.panel.stores.paint import PaintFigures, Percentiles
from hmi.panel.widgets.texts import STATE_WORDS, age_text, moment, size_text

Facts = tuple[tuple[str, str], ...]


def groups(report: StatusReport, time_zone: str) -> tuple[tuple[str, Facts], ...]:
    """(title, facts) in reading order; times in the plant's zone."""
    return (
        ("Station", _station(report)),
        ("Tags", _tags(report)),
        ("Alarms", _alarms(report)),
        ("History", _history(report, time_zone)),
    )


def of_this_panel(figures: PaintFigures | None) -> tuple[str, Facts]:
    """(title, facts) of what this panel measures itself, over the last minute in which a display changed."""
    if figures is None:
        return "This panel", (("Repaints", "none yet"),)
    age = "–" if figures.age is None else _spread(figures.age)
    return "This panel", (
        ("Paint time p50 / p95 / p99", _spread(figures.paint)),
        ("Age when painted p50 / p95 / p99", age),
        ("Repaints", f"{_count(figures.pictures)}, last {age_text(figures.since_ns)} ago"),
    )


def notice_text(notice: str, time_zone: str) -> str:
    """A notice with its time in the plant's zone; one that does not begin with a time stays as it is."""
    stamp, _, text = notice.partition(" ")
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return notice
    return f"{at.astimezone(zone_of(time_zone)):%Y-%m-%d %H:%M:%S}   {text}"


def _station(r: StatusReport) -> Facts:
    return (
        ("Running for", age_text(int(r.uptime_s * 1e9))),
        ("Role", r.role),
        ("Project revision", r.revision[:12]),
        ("Scan p50 / p95", f"{r.scan_ms_p50:.1f} / {r.scan_ms_p95:.1f} ms"),
        ("Scans", _count(r.scans)),
        ("of these late", _count(r.late_scans)),
        ("Samples dropped", _count(r.dropped)),
        ("Clients", str(r.clients)),
        ("Memory", f"{r.rss_mb:.0f} MB"),
    )


def _tags(r: StatusReport) -> Facts:
    return (
        ("All", _count(r.tags)),
        ("Good", _count(r.good)),
        ("Uncertain", _count(r.uncertain)),
        ("Bad", _count(r.bad)),
        ("of these waiting", _count(r.waiting)),
    )


def _alarms(r: StatusReport) -> Facts:
    named = [(STATE_WORDS.get(state, state.replace("_", " ").capitalize()), _count(n)) for state, n in r.alarms.items()]
    return tuple(named)


def _history(r: StatusReport, time_zone: str) -> Facts:
    h = r.history
    return tuple(
        (title, _fact(name, h[name], time_zone))
        for name, title in (
            ("samples", "Samples"),
            ("samples_per_second", "Samples/s"),
            ("bytes", "Size"),
            ("queued", "Queued"),
            ("lost", "Lost"),
            ("store_p95_ms", "Store time p95"),
            ("oldest_waiting_ms", "Oldest waiting"),
            ("commit_p99_ms", "Commit p99"),
            ("oldest", "Oldest"),
            ("newest", "Newest"),
        )
        if h.get(name) is not None
    )


def _fact(name: str, value: float | str | None, time_zone: str) -> str:
    if isinstance(value, str) or value is None:
        return (value or "–").replace("T", " ")[:19]
    if name in ("oldest", "newest"):
        return moment(int(value), time_zone).strftime("%Y-%m-%d %H:%M:%S")
    if name == "bytes":
        return size_text(value)
    if name.endswith("_ms"):
        return f"{value:,.1f} ms".replace(",", "\u00a0")
    return _count(value) if value == int(value) else f"{value:.1f}"


def _spread(found: Percentiles) -> str:
    return " / ".join(f"{each:.0f}" for each in found) + " ms"


def _count(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u00a0")
