"""Data-subject rights, retention and the registers: what data protection and product safety ask of the desk."""
