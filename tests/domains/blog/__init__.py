"""Films, who acts in them and where they are shown: all that link tables can be."""
