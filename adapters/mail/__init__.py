"""Mail: to a mail server or to files, the PDF e-mailer and the mails about problems."""
