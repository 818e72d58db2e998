"""The command line `baton`: where settings, store, pipeline, server and demo org are put together."""
