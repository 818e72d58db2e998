"""What people change: handoffs and notes. The sync never writes here, and this never writes what the sync reads."""
