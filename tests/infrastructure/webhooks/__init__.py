"""Webhooks: deliveries, receivers and the commands on them, addresses."""
