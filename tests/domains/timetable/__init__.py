"""Trains by keys of 128 bits, as text and as bytes, at times of a day that may pass midnight."""
