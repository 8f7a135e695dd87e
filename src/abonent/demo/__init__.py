"""A small believable operator to look at, and orders that keep a running one busy. Nothing else imports it."""
