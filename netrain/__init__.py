"""netrain: trains neural networks on tables."""
