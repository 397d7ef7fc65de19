"""File drops: whole files, once, in a folder over SFTP, FTP or on this machine."""
