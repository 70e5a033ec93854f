"""A GDB remote protocol server for one history: vCPUs are threads, time goes both ways (docs/gdb.md).

``packets`` frames what goes over the wire, ``handlers`` answers packets for a ``session``, ``server`` holds the socket.
What the answers are made of has a module each: ``target`` registers, ``memory`` bytes, ``threads`` names and states,
``points`` break- and watchpoints, ``travel`` running until something stops it, ``monitor`` the commands that gdb does
not know.
"""
