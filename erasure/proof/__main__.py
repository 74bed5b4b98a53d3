"""``python -m erasure.proof FILE --trust FILE``"""

import sys

from erasure.proof.report import main

sys.exit(main(sys.argv[1:]))
