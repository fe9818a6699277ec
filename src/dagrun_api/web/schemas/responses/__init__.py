"""What the API answers. These schemas shape answers, and the OpenAPI document is made from them."""
