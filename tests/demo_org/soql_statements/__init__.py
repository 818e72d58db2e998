"""Statements of SOQL with what a demo org must answer to each: exact records, or a refusal with its code and text.

They are facts: examples of the SOQL and SOSL Reference, statements of the tests of public SOQL parsers, and refusals
of real orgs that developers wrote down, put to one small org (see rows) whose every record can be looked up by eye.
"""
