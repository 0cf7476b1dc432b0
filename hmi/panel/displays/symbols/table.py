"""Which symbol draws which element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hmi.core import element as e
from hmi.panel.displays.symbols.bar import BarSymbol
from hmi.panel.displays.symbols.base import Symbol
from hmi.panel.displays.symbols.button import ButtonSymbol
from hmi.panel.displays.symbols.card import CardSymbol
from hmi.panel.displays.symbols.conveyor import ConveyorSymbol
from hmi.panel.displays.symbols.drive import MotorSymbol, PumpSymbol
from hmi.panel.displays.symbols.exchanger import ExchangerSymbol
from hmi.panel.displays.symbols.link import LinkSymbol
from hmi.panel.displays.symbols.machine import MachineSymbol
from hmi.panel.displays.symbols.pipe import PipeSymbol
from hmi.panel.displays.symbols.state import StateSymbol
from hmi.panel.displays.symbols.summary import AlarmSummarySymbol, LinkStateSymbol
from hmi.panel.displays.symbols.tank import TankSymbol
from hmi.panel.displays.symbols.text import FrameSymbol, TextSymbol, UnknownSymbol
from hmi.panel.displays.symbols.trend import TrendSymbol
from hmi.panel.displays.symbols.value import ValueSymbol
from hmi.panel.displays.symbols.valve import ValveSymbol

SymbolTable = Mapping[type, type[Symbol[Any]]]


def symbol_table() -> SymbolTable:
    """A symbol for every kind of element, the unknown one included."""
    return {
        e.Text: TextSymbol,
        e.Frame: FrameSymbol,
        e.Tank: TankSymbol,
        e.Pump: PumpSymbol,
        e.Motor: MotorSymbol,
        e.Valve: ValveSymbol,
        e.Conveyor: ConveyorSymbol,
        e.Pipe: PipeSymbol,
        e.Exchanger: ExchangerSymbol,
        e.Machine: MachineSymbol,
        e.Value: ValueSymbol,
        e.Bar: BarSymbol,
        e.State: StateSymbol,
        e.Trend: TrendSymbol,
        e.Button: ButtonSymbol,
        e.Link: LinkSymbol,
        e.Card: CardSymbol,
        e.AlarmSummary: AlarmSummarySymbol,
        e.LinkState: LinkStateSymbol,
        e.Unknown: UnknownSymbol,
    }
