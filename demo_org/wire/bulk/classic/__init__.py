"""Bulk API 1.0 (/services/async/XX.0/job): jobs, their batches, and results in CSV, JSON or XML.

Older than Bulk 2.0 and still what many clients use. Documents about jobs and batches come as XML or JSON.
"""
