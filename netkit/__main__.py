"""Starts the command line: ``python -m netkit``, or as the file that bin/netkit runs."""

import sys

if not __package__:  # as a file: -I leaves its folder out of the path, and the checkout too
    sys.path.insert(0, __file__.rpartition("/netkit/")[0] or "/")

from netkit.cli.main import main

if __name__ == "__main__":
    main()
