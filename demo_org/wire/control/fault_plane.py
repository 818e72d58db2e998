"""The control plane's part about faults: set, list and end them, read what struck."""

from demo_org.faults.listing import described_kinds
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def set_faults(context: Context, request: Request) -> Reply:
    """Replace the faults that wait to strike: a list of them, or {"faults": [...], "random": {...}}."""
    context.order_faults(request.json())
    return list_faults(context, request)


def add_faults(context: Context, request: Request) -> Reply:
    """Add faults to those that wait to strike."""
    context.order_faults(request.json(), added=True)
    return list_faults(context, request)


def list_faults(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """The faults that wait to strike."""
    return Reply(content=context.faults.waiting())


def clear_faults(context: Context, request: Request) -> Reply:
    """End all faults."""
    context.order_faults([])
    return list_faults(context, request)


def fault_log(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """What struck since the faults were set, oldest first."""
    return Reply(content=context.faults.log())


def fault_kinds(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Every kind of fault with its parameters."""
    return Reply(content=described_kinds())
