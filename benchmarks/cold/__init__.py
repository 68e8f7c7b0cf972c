"""What runs in the fresh processes of ``bench_cold``."""
