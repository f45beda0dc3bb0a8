"""The door itself: commands by name, errors to exit codes.

Nothing heavy is imported before a command runs, so that help is there at once.
"""

import os
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from cinedex.cli.ask import ask
from cinedex.cli.calibrate import calibrate
from cinedex.cli.check import check
from cinedex.cli.compact import compact
from cinedex.cli.create import create
from cinedex.cli.doctor import doctor
from cinedex.cli.evaluate import evaluate
from cinedex.cli.export_library import export_library
from cinedex.cli.import_library import import_library
from cinedex.cli.index import index
from cinedex.cli.judge import judge
from cinedex.cli.listing import list_videos
from cinedex.cli.models import models
from cinedex.cli.options import LibraryOption, OfflineOption
from cinedex.cli.output import complain, point
from cinedex.cli.relocate import relocate
from cinedex.cli.remove import remove
from cinedex.cli.search import search
from cinedex.cli.show import show
from cinedex.cli.train import train
from cinedex.cli.watch import watch
from store.errors import CinedexError, QuerySyntaxError

OUR_FAULT, INTERRUPTED = 1, 130
# Libraries that talk on stderr unless told not to; whoever sets these keeps their choice.
QUIET = {"TQDM_DISABLE": "1", "TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "false"}


class ErrorsToExitCodes(TyperGroup):
    """Turns every error into one line on stderr and an exit code of ``docs/CLI.md``."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, TyperException, BrokenPipeError):
            raise
        except KeyboardInterrupt as error:
            complain("interrupted; nothing half-done was kept")
            raise typer.Exit(INTERRUPTED) from error
        except CinedexError as error:
            self._tell(ctx, error, str(error))
            raise typer.Exit(error.exit_code) from error
        except Exception as error:
            self._tell(ctx, error, _unexpected(error))
            raise typer.Exit(OUR_FAULT) from error

    def _tell(self, ctx: Any, error: Exception, message: str) -> None:
        if ctx.params.get("debug"):
            traceback.print_exception(error)
        complain(message)
        if isinstance(error, QuerySyntaxError):
            point(error.query, error.column)


def _unexpected(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"{said}; this is a fault of cinedex: `cinedex --debug ...` shows where"


app = typer.Typer(
    cls=ErrorsToExitCodes,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def start(
    library: LibraryOption = None,
    offline: OfflineOption = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
) -> None:
    """Search and question long videos; answers come with the seconds that prove them."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


app.command("create")(create)
app.command("index")(index)
app.command("watch")(watch)
app.command("search")(search)
app.command("ask")(ask)
app.command("judge")(judge)
app.command("calibrate")(calibrate)
app.command("evaluate")(evaluate)
app.command("list")(list_videos)
app.command("show")(show)
app.command("remove")(remove)
app.command("relocate")(relocate)
app.command("export-library")(export_library)
app.command("import-library")(import_library)
app.command("compact")(compact)
app.command("check")(check)
app.add_typer(models, name="models")
app.command("train")(train)
app.command("doctor")(doctor)


def main() -> None:
    """Run the command line; the entry point of the package."""
    app(prog_name="cinedex")
