"""``python -m erasure.proof.witness init|cosign``"""

import sys

from erasure.proof.witness.command import main

sys.exit(main(sys.argv[1:]))
