"""Function calls of one warm request: an exact measure of the work, whatever else the machine does.

``counting`` counts them, ``requests`` are what is asked (with ``documents/``), ``by_hand`` and
``one_pass`` are who else answers.
"""
