"""Unit tests of the image's Python, to be run in the image: python3 -m unittest discover -s tests -t ."""

import os
import sys

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(FOLDER, "scripts"), os.path.join(FOLDER, "wal-g")]
