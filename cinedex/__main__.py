"""``python -m cinedex`` is the command line."""

from cinedex.cli.app import main

if __name__ == "__main__":
    main()
