"""From spooled records to a bundle that was proved."""
