"""Clients from files of other systems: what a file says, told by a mapping, becomes documents of ours."""
