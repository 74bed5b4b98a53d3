"""What the product costs, measured against the loop everybody would write first."""
