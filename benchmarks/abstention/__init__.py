"""How well a moment's probability tells what is there from what is not."""
