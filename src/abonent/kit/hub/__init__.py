"""The hub of every API: who wants to hear of changes, and how he is told, surely, in order and signed.

A change is an event row, written in the writer's statement and nothing more. A worker looks for new rows (fanout),
notes a delivery for each subscription that wants to hear of it, and drains each subscription in order (drain).
"""

from abonent.kit.hub.ports import Listeners

__all__ = ["Listeners"]
