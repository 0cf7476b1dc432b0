"""What a station and its clients say to each other (one WebSocket binary message each, MessagePack).

Handshake: client `Hello` (its nonce) -> station `Welcome` (its nonce, its proof) -> client `Proof` (may be empty: a
remote client has no key) -> station `Admitted`. The proofs are HMACs under the key in the station's data folder, see
`hmi.link.proof`. No other message is accepted before; no password is sent to a station that has not proved itself.

Flow: the station sends frames. A frame is any number of `Values` and `Alarms` closed by one `Beat`; the client answers
every `Beat` with `Seen` of its number. Two unanswered beats at most are under way; a client silent for 5 s is dropped.
Requests carry a `request` number of the client's choosing; exactly one answer carries it back.
"""

from __future__ import annotations

from hmi.link.messages.answers import (
    Admitted,
    Alarms,
    Beat,
    CommandResult,
    Display,
    DisplayNames,
    Failed,
    Goodbye,
    History,
    Journal,
    Session,
    Status,
    TagPage,
    Values,
    Welcome,
)
from hmi.link.messages.base import (
    BEAT_INTERVAL,
    BEAT_TIMEOUT,
    FRAMES_UNDER_WAY,
    MAX_MESSAGE,
    PROTOCOL,
    SEEN_TIMEOUT,
    Message,
)
from hmi.link.messages.configuring import (
    ApplyPending,
    BrowseDevice,
    CertificateRow,
    Certificates,
    DeviceItem,
    DevicePage,
    DeviceValue,
    DriverInfo,
    Drivers,
    Edit,
    Edited,
    EditProject,
    Flaw,
    GetCertificates,
    GetDrivers,
    GetNotes,
    GetPending,
    GetRecords,
    NoteRow,
    Notes,
    OptionInfo,
    Pending,
    ProjectChanged,
    ReadDevice,
    Record,
    Records,
    RollBack,
    SetNote,
    SetScan,
    SetSecret,
    Substitute,
    TrustCertificate,
    Uses,
    WhereUsed,
)
from hmi.link.messages.requests import (
    AcknowledgeAlarms,
    FindTags,
    GetDisplay,
    GetDisplays,
    GetStatus,
    GetTags,
    Hello,
    Proof,
    ReadHistory,
    ReadJournal,
    ReadTrend,
    Seen,
    SignIn,
    SignOut,
    Subscribe,
    Unsubscribe,
    Write,
)
from hmi.link.messages.rows import AlarmRow, ConnectionStatus, JournalRow, StatusReport, TagInfo

__all__ = [
    "BEAT_INTERVAL",
    "BEAT_TIMEOUT",
    "FRAMES_UNDER_WAY",
    "MAX_MESSAGE",
    "PROTOCOL",
    "SEEN_TIMEOUT",
    "AcknowledgeAlarms",
    "Admitted",
    "AlarmRow",
    "Alarms",
    "ApplyPending",
    "Beat",
    "BrowseDevice",
    "CertificateRow",
    "Certificates",
    "ClientMessage",
    "CommandResult",
    "ConnectionStatus",
    "DeviceItem",
    "DevicePage",
    "DeviceValue",
    "Display",
    "DisplayNames",
    "DriverInfo",
    "Drivers",
    "Edit",
    "EditProject",
    "Edited",
    "Failed",
    "FindTags",
    "Flaw",
    "GetCertificates",
    "GetDisplay",
    "GetDisplays",
    "GetDrivers",
    "GetNotes",
    "GetPending",
    "GetRecords",
    "GetStatus",
    "GetTags",
    "Goodbye",
    "Hello",
    "History",
    "Journal",
    "JournalRow",
    "Message",
    "NoteRow",
    "Notes",
    "OptionInfo",
    "Pending",
    "ProjectChanged",
    "Proof",
    "ReadDevice",
    "ReadHistory",
    "ReadJournal",
    "ReadTrend",
    "Record",
    "Records",
    "RollBack",
    "Seen",
    "Session",
    "SetNote",
    "SetScan",
    "SetSecret",
    "SignIn",
    "SignOut",
    "StationMessage",
    "Status",
    "StatusReport",
    "Subscribe",
    "Substitute",
    "TagInfo",
    "TagPage",
    "TrustCertificate",
    "Unsubscribe",
    "Uses",
    "Values",
    "Welcome",
    "WhereUsed",
    "Write",
]

ClientMessage = (
    Hello
    | Proof
    | SignIn
    | SignOut
    | Subscribe
    | Unsubscribe
    | Seen
    | FindTags
    | GetTags
    | GetDisplays
    | GetDisplay
    | ReadHistory
    | ReadTrend
    | Write
    | AcknowledgeAlarms
    | ReadJournal
    | GetStatus
    | GetRecords
    | EditProject
    | WhereUsed
    | GetDrivers
    | BrowseDevice
    | ReadDevice
    | GetPending
    | ApplyPending
    | RollBack
    | Substitute
    | SetScan
    | SetNote
    | GetNotes
    | SetSecret
    | GetCertificates
    | TrustCertificate
)

StationMessage = (
    Welcome
    | Admitted
    | Goodbye
    | Session
    | Values
    | Alarms
    | Beat
    | TagPage
    | DisplayNames
    | Display
    | History
    | CommandResult
    | Journal
    | Status
    | Failed
    | Records
    | Edited
    | ProjectChanged
    | Uses
    | Drivers
    | DevicePage
    | DeviceValue
    | Pending
    | Notes
    | Certificates
)
