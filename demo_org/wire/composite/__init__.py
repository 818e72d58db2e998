"""Several requests in one: composite calls with references, batches, graphs and trees."""
