"""How large the demo's operator is. Tests make a small one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """clients    homes and businesses together
    nodes      access nodes, optical and Ethernet
    days       how far back the orders go
    a_day      orders on an ordinary working day of today, for each 1,000 clients
    """

    clients: int = 2000
    nodes: int = 60
    days: int = 91
    a_day: float = 16.0

    @property
    def businesses(self) -> int:
        return max(self.clients * 15 // 100, min(24, self.clients // 2))

    @property
    def homes(self) -> int:
        return self.clients - self.businesses


FULL = Scale()
SMALL = Scale(clients=80, nodes=10, days=35, a_day=40.0)
