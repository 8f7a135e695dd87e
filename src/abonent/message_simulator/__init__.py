"""Where mail and SMS go in demonstrations and tests: a program of its own.

A real SMTP server and an SMS gateway over HTTP that sends delivery reports. It keeps whatever comes as files in a
folder and misbehaves on request. It imports nothing of abonent: what it knows of the other side, comes over the wire.
"""

from abonent.message_simulator.behaviour import Behaviour, Rule
from abonent.message_simulator.box import Box
from abonent.message_simulator.server import DEFAULT_PORT, DEFAULT_SMTP_PORT, Sink, run, serving

__all__ = ["DEFAULT_PORT", "DEFAULT_SMTP_PORT", "Behaviour", "Box", "Rule", "Sink", "run", "serving"]
