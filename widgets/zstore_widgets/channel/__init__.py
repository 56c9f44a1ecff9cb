"""Requests of the front end: declared, checked, served, answered.

A view hands its messages to a `Channel`, which looks up the handler, checks what was sent
against the handler's annotations, and runs it as one task on the loop of `zstore.sync`.
The other end is ``widgets/src/kernel/channel.ts``.
"""

from zstore_widgets.channel.channel import Channel
from zstore_widgets.channel.job import MAX_MESSAGE_NBYTES, Job
from zstore_widgets.channel.requests import BadRequestError, request

__all__ = ["MAX_MESSAGE_NBYTES", "BadRequestError", "Channel", "Job", "request"]
