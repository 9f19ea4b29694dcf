"""One module per question that the pages ask of the database."""
