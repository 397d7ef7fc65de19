"""Hand-offs to trade partners over HTTP and SOAP (port ``application/ports/handoff.py``).

The sessions they send over are given to them: those of adapters/outbound connect only to checked addresses.
"""
