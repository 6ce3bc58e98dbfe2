"""A tokenizer.json and texts in (one JSON object on stdin), ids by Python's `tokenizers` out (JSON)."""

import json
import sys

from tokenizers import Tokenizer

task = json.load(sys.stdin)
tokenizer = Tokenizer.from_str(json.dumps(task["tokenizer"]))
encodings = tokenizer.encode_batch(task["texts"], add_special_tokens=False)
json.dump([encoding.ids for encoding in encodings], sys.stdout)
