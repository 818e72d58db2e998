"""The pipeline from Salesforce into the store: extract, land, shape, announce."""
