"""Loads rows that others wrote into the demo org: one CSV file per object, or any tables through a small mapping."""

from demo_org.load.directory import load_directory
from demo_org.load.mapping import MappingError
from demo_org.load.report import LoadReport

__all__ = ["LoadReport", "MappingError", "load_directory"]
