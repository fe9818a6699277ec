"""The store that every SQL backend uses, written once against a dialect and its connections."""
