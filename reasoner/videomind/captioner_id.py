"""What a captioner is known by, apart from it because it is asked for before torch is there."""

CAPTIONS = "captions@2"  # part of the stage keys: raise it when other words come out


def captioner_id(base_id: str) -> str:
    """Name the captioner over a base model, before that is loaded."""
    return f"{CAPTIONS}({base_id})"
