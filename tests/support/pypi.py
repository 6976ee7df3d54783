"""Makes what tests/python/requirements.txt names importable, if tools/setup could install it."""
import glob
import os
import sys

# Before Debian's packages: what these need of others may have to be newer.
sys.path[:0] = glob.glob(os.path.join(os.environ["VARIA_SOURCE_DIR"],
                                      "build/python/lib/python3*/site-packages"))
