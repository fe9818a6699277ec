"""The HTTP side: requests in, envelopes out. Only this package knows HTTP statuses, aiohttp and marshmallow."""
