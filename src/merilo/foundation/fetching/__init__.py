"""Visit addresses that people of the region wrote down, without becoming a door into the region.

`addresses` says what an address leads to; `visiting` goes there within limits and never to a
private network; `passwords` says whom a password is told; `following` goes through the files of a
page; `reading` takes the document apart in a process of its own. No Django, no models.
"""

from .addresses import Address, BadAddress, Fault, is_public, one_spelling, read_address
from .following import Following, Go, follow
from .kinds import Kind
from .passwords import Access, Use
from .reading import CannotRead, Contents, Link, Page, Picture, Room, read
from .visiting import Failure, Limits, NotVisited, Roads, Visited, visit

__all__ = [
    "Access",
    "Address",
    "BadAddress",
    "CannotRead",
    "Contents",
    "Failure",
    "Fault",
    "Following",
    "Go",
    "Kind",
    "Limits",
    "Link",
    "NotVisited",
    "Page",
    "Picture",
    "Roads",
    "Room",
    "Use",
    "Visited",
    "follow",
    "is_public",
    "one_spelling",
    "read",
    "read_address",
    "visit",
]
