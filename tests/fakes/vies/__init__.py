"""A stand-in for VIES: its SOAP service over HTTP, held to the schema of a WSDL. Start with ``FakeVies`` in ``fake``."""
