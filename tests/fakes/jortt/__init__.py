"""A stateful stand-in for jortt: its accounts, OAuth and limits, over HTTP. Start with ``FakeJortt`` in ``fake``.

Where jortt's behaviour is documented or recorded, it is copied; where it is not known, the stricter reading is taken, and said so.
"""
