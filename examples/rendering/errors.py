"""What can stop a rendering, each with its remedy."""


class RenderError(Exception):
    """The sample film cannot be rendered; the message says what to do."""


class MissingToolError(RenderError):
    """A program or package that the renderer needs is not installed."""


class ScreenplayError(RenderError):
    """The screenplay asks for something that cannot be rendered."""
