"""Reading with SOQL and SOSL over REST, page by page."""
