"""Small typed words for asyncua: node ids, status codes and the names the servers need."""

from asyncua import ua


def node_id(name: str, index: int) -> ua.NodeId:
    """A string node id, e.g. `ns=2;s=mixer.level`."""
    return ua.NodeId(ua.String(name), ua.Int16(index))


def status(code: int) -> ua.StatusCode:
    """A status code from its number."""
    return ua.StatusCode(ua.UInt32(code))
