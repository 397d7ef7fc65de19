"""Which orders may be invoiced, on which document, with which number."""
