"""What the org says about itself: describes, layouts, list views, the Tooling API's share, schemas of events."""
