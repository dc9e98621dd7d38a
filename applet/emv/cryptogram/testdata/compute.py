"""Computes with pyemv what each line of standard input asks for.

A line is a JSON object: "do" and its arguments, bytes in hexadecimal. The answer is one line of
hexadecimal digits.
"""
import json
import sys

from pyemv import ac, cvn, kd, sm

KEYS = "0123456789ABCDEFFEDCBA9876543210"


def compute(q):
    def b(name):
        return bytes.fromhex(q[name])

    def card(kind):  # with the issuer's key for cryptograms; those for scripts aren't asked for
        other = bytes.fromhex(KEYS)
        return kind(b("key"), other, other, q["pan"], q["psn"])

    def data(kind):
        return card(kind).generate_ac(
            b("9f02"), b("9f03"), b("9f1a"), b("95"), b("5f2a"), b("9a"), b("9c"), b("9f37"),
            b("82"), b("9f36"), b("9f10"),
        )

    return {
        "option A": lambda: kd.derive_icc_mk_a(b("key"), q["pan"], q["psn"]),
        "option B": lambda: kd.derive_icc_mk_b(b("key"), q["pan"], q["psn"]),
        "session key": lambda: kd.derive_common_sk(b("key"), b("r")),
        "CVN 10": lambda: data(cvn.VisaCVN10),
        "CVN 18": lambda: data(cvn.VisaCVN18),
        "ARPC 1": lambda: ac.generate_arpc_1(b("key"), b("arqc"), b("code")),
        "ARPC 2": lambda: ac.generate_arpc_2(b("key"), b("arqc"), b("csu"), b("own")),
        "script": lambda: sm.generate_command_mac(b("key"), b("command")),
        "encipher": lambda: sm.encrypt_command_data(
            b("key"), b("data"), sm.EncryptionType.EMV
        ),
        "PIN block": lambda: sm.format_iso9564_2_pin_block(q["pin"]),
    }[q["do"]]()


for line in sys.stdin:
    print(compute(json.loads(line)).hex().upper())
