"""What people get to read: the PDF of a document, and the text of users' templates."""
