"""Litmus tests: a few instructions per CPU, and the question which outcomes there can be."""

from simulator.litmus.catalogue import Entry, collect, find, shipped
from simulator.litmus.judge import Answer, ask
from simulator.litmus.parse import parse
from simulator.litmus.test import Litmus, Verdict

__all__ = ["Answer", "Entry", "Litmus", "Verdict", "ask", "collect", "find", "parse", "shipped"]
