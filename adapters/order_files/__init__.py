"""Orders and invoices as files: XML that keeps to schemas of ours, and CSV for bookkeeping programs."""
