"""Trends: several pens over time, live and from history in one plot."""

from hmi.panel.trends.page import TrendPage

__all__ = ["TrendPage"]
