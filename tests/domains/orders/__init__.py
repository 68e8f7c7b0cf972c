"""The tables of the example with rows that an ingest would never write."""
