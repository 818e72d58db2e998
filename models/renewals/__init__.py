"""Renewals as numbers: what a term is, how it ended, and the rates that follow. No database, no clock.

It lies beside the store because both sides need it: the sync derives terms and tells when an outcome was restated, and
the API computes rates on any day.
"""
