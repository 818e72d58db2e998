"""Salesforce's formulas: read, checked, and turned into SQL that computes the value whenever a record is read.

Nothing is stored, so a formula changes its value without any stamp on the record moving.
"""

from demo_org.formula.compiler import Compiled, compile_formula
from demo_org.formula.errors import FormulaError

__all__ = ["Compiled", "FormulaError", "compile_formula"]
