"""What the API accepts. These schemas validate requests, and the OpenAPI document is made from them."""
