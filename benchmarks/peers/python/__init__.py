"""Ariadne and Strawberry over aiomysql, in a virtual environment of their own.

``program`` is one process of either, ``ariadne_engine`` and ``strawberry_engine`` are what it asks.
They import nothing of this project but what stands on aiomysql and orjson alone.
``requirements.txt`` is the lock of their packages, made of ``requirements.in`` by ``make lock``.
"""
