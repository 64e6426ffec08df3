"""Tables, and the way from their columns to arrays. polars lives here."""
