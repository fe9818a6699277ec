"""The HTTP side: requests in, envelopes out. Only here are statuses, aiohttp and marshmallow known."""
