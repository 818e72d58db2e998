"""The only place that talks to Salesforce: one module per part of its protocol. `client.connect` is the way in."""
