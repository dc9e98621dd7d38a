"""Has psec make or open what each line of standard input says.

A line is a JSON object: format, key, pan, and a PIN for format 0, whose block is answered, or a
block for format 4, whose PIN is.
"""
import json
import sys

from psec import des, pinblock

for line in sys.stdin:
    q = json.loads(line)
    key = bytes.fromhex(q["key"])
    if q["format"] == 0:
        clear = pinblock.encode_pinblock_iso_0(q["pin"], q["pan"])
        print(des.encrypt_tdes_ecb(key, clear).hex())
    else:
        print(pinblock.decipher_pinblock_iso_4(key, bytes.fromhex(q["block"]), q["pan"]))
