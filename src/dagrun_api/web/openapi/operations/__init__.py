"""What the OpenAPI document says about each route, apart from what the table of routes says itself."""
