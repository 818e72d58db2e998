"""Writing by the thousand: rows of a file become records, two hundred to a transaction, each with its own outcome.

Both Bulk APIs bring their rows here: the files and jobs around them are the wire's.
"""

from demo_org.bulk.loader import Loader, Operation, Outcome, RefusedBatch
from demo_org.bulk.rows import NULL, RawRow, csv_rows, value_of

__all__ = ["NULL", "Loader", "Operation", "Outcome", "RawRow", "RefusedBatch", "csv_rows", "value_of"]
