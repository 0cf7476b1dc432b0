import socket

import pytest

from hmi.cli.free_port import require_free
from hmi.core.errors import LinesideError


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LinesideError, match=rf"^Port {port}, which a PLC needs, is taken by .*\. Stop it\.$"):
            require_free("127.0.0.1", port, "a PLC needs", "Stop it.")
    require_free("127.0.0.1", port, "a PLC needs", "Stop it.")


@pytest.mark.parametrize("port", [0, 99_999])
def test_any_free_port_is_free_and_what_is_none_is_told_by_others(port: int) -> None:
    require_free("127.0.0.1", port, "a PLC needs", "")
