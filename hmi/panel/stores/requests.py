"""Numbered requests on the link: every one gets exactly one ending, also when the connection goes away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hmi.link.messages import CommandResult, DevicePage, Edited, Failed, History, Message, Notes, Records

Answer = Callable[[Message], None]
Build = Callable[[int], Message]
Progress = Callable[[CommandResult], None]

NO_STATION: Final = "There is no connection to the station."
LOST: Final = "The connection to the station was lost before it answered."


class Request:
    """A question under way; cancelling it means that its answer interests nobody any more."""

    def __init__(self, requests: Requests, number: int) -> None:
        self._requests = requests
        self.number = number

    @property
    def waiting(self) -> bool:
        """Whether its answer is still to come."""
        return self._requests.waits(self.number)

    def cancel(self) -> None:
        """Forgets the question; an answer that still comes is dropped."""
        self._requests.forget(self.number)


class Requests:
    """Asks the station and hands each answer to who asked; `Failed` stands for every way of not being answered."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._open = False
        self._next = 0
        self._waiting: dict[int, Answer] = {}

    def ask(self, build: Build, answer: Answer) -> Request:
        """Sends `build(number)`; without a connection `answer` gets a `Failed` at once."""
        return self.ask_in_parts(lambda number: [build(number)], answer)

    def ask_in_parts(self, build: Callable[[int], Sequence[Message]], answer: Answer) -> Request:
        """Sends several messages that are one question."""
        number = self._next = self._next + 1
        if not self._open:
            answer(Failed(number, NO_STATION))
            return Request(self, number)
        self._waiting[number] = answer
        for message in build(number):
            self._send(message)
        return Request(self, number)

    def forget(self, number: int) -> None:
        """Drops whoever waits for this number."""
        self._waiting.pop(number, None)

    def waits(self, number: int) -> bool:
        """Whether somebody waits for this number."""
        return number in self._waiting

    def opened(self) -> None:
        """The handshake is over: questions can be asked."""
        self._open = True

    def lost(self) -> None:
        """The connection is gone: everything that waits fails."""
        self._open = False
        waiting, self._waiting = self._waiting, {}
        for number, answer in waiting.items():
            answer(Failed(number, LOST))

    def answered(self, number: int, message: Message) -> None:
        """Hands an answer over; answers in parts stay expected until the last part."""
        answer = self._waiting.get(number)
        if answer is None:
            return
        if is_last(message):
            del self._waiting[number]
        answer(message)


def results(command: str, progress: Progress, lost: str = LOST) -> Answer:
    """Passes on how a command goes on; one that was under way when the link was lost is unknown, never refused."""

    def answer(message: Message) -> None:
        if isinstance(message, CommandResult):
            progress(message)
        elif isinstance(message, Failed):
            state, text = ("unknown", lost) if message.reason == LOST else ("refused", message.reason)
            progress(CommandResult(message.request, command, state, text))

    return answer


def is_last(message: Message) -> bool:
    """Whether no other part of this answer follows."""
    match message:
        case History(done=done) | Records(done=done) | DevicePage(done=done) | Edited(done=done) | Notes(done=done):
            return done
        case CommandResult(final=final):
            return final
    return True
