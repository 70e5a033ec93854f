"""A person as the scheduler, in a terminal: the panes, the keys, and what moves between them.

``session`` moves in the one history of ``explore/history.py``; ``scene`` is a snapshot of where it stands;
``views`` turn a scene into text; ``app`` wires them to keys. Nothing but ``app``, ``pane`` and ``dialogs`` knows
Textual.
"""
