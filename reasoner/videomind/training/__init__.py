"""How a role is taught: examples, lessons made of them, and the steps that learn them."""
