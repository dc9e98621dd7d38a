"""Computes with pyemv what each line of standard input asks for.

A line is a JSON object: "do" and its arguments, bytes in hexadecimal. The answer is one line of
hexadecimal digits. pyemv has no AES: what the common core definitions want of it is put together
here out of the parts of PyPI's cryptography.
"""
import json
import sys

from cryptography.hazmat.primitives import cmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pyemv import ac, cvn, kd, sm

KEYS = "0123456789ABCDEFFEDCBA9876543210"


def aes(key, data, mode=None):
    e = Cipher(algorithms.AES(key), mode or modes.ECB()).encryptor()
    return e.update(data) + e.finalize()


def mac(key, data):
    c = cmac.CMAC(algorithms.AES(key))
    c.update(data)
    return c.finalize()


class CCD:
    """The common core definitions with AES, with the names of pyemv's classes."""

    def __init__(self, mk_ac, mk_smi, mk_smc, pan, psn):
        y = bytes.fromhex((pan + psn).zfill(32))
        self.ac, self.smi, self.smc = (aes(k, y) for k in (mk_ac, mk_smi, mk_smc))

    def generate_ac(self, *tags):
        return mac(aes(self.ac, tags[9] + bytes(14)), b"".join(tags))[:8]

    def generate_arpc(self, tag_9f26, tag_9f36, csu, own):
        return mac(aes(self.ac, tag_9f36 + bytes(14)), tag_9f26 + csu + own)[:4]

    def generate_command_mac(self, command_header, tag_9f26, tag_9f36, command_data):
        sk = aes(self.smi, tag_9f26 + bytes(8))
        return mac(sk, command_header + tag_9f36 + tag_9f26 + command_data)[:8]

    def encrypt_command_data(self, command_data, tag_9f26):
        padded = command_data + b"\x80"
        padded += bytes(-len(padded) % 16)
        return aes(aes(self.smc, tag_9f26 + bytes(8)), padded, modes.CBC(bytes(16)))

    def generate_pin_change_command(self, pin, tag_9f26, tag_9f36):
        block = self.encrypt_command_data(sm.format_iso9564_2_pin_block(pin), tag_9f26)
        header = b"\x84\x24\x00\x02\x18"
        sign = self.generate_command_mac(header, tag_9f26, tag_9f36, block)
        return header + block + sign


CLASSES = {"cvn10": cvn.VisaCVN10, "cvn18": cvn.VisaCVN18, "ccd": CCD}
TAGS = ("9f02", "9f03", "9f1a", "95", "5f2a", "9a", "9c", "9f37", "82", "9f36", "9f10")


def compute(q):
    def b(name):
        return bytes.fromhex(q[name])

    def card():
        mk = b("keys")
        return CLASSES[q["scheme"]](mk[:16], mk[16:32], mk[32:], q["pan"], q["psn"])

    def generate():
        tags = [b(t) for t in TAGS]
        if q["scheme"] == "cvn10":
            tags[-1] = tags[-1][3:7]
        return card().generate_ac(*tags)

    def authenticate():
        if q["scheme"] == "cvn10":
            return card().generate_arpc(b("9f26"), b("csu")) + b("csu")
        return card().generate_arpc(b("9f26"), b("9f36"), b("csu"), b("own")) + b("csu") + b("own")

    def encipher():
        diversifier = b("9f26") if q["scheme"] == "ccd" else b("9f36")
        return card().encrypt_command_data(b("data"), diversifier)

    return {
        "option A": lambda: kd.derive_icc_mk_a(b("key"), q["pan"], q["psn"]),
        "option B": lambda: kd.derive_icc_mk_b(b("key"), q["pan"], q["psn"]),
        "session key": lambda: kd.derive_common_sk(b("key"), b("r")),
        "ARPC 1": lambda: ac.generate_arpc_1(b("key"), b("arqc"), b("code")),
        "ARPC 2": lambda: ac.generate_arpc_2(b("key"), b("arqc"), b("csu"), b("own")),
        "script": lambda: sm.generate_command_mac(b("key"), b("command")),
        "encipher": lambda: sm.encrypt_command_data(
            b("key"), b("data"), sm.EncryptionType.EMV
        ),
        "PIN block": lambda: sm.format_iso9564_2_pin_block(q["pin"]),
        "cryptogram": generate,
        "issuer authentication": authenticate,
        "command": lambda: card().generate_command_mac(
            b("header"), b("9f26"), b("9f36"), b("data")
        ),
        "data": encipher,
        "PIN change": lambda: card().generate_pin_change_command(
            q["pin"], b("9f26"), b("9f36")
        ),
    }[q["do"]]()


for line in sys.stdin:
    print(compute(json.loads(line)).hex().upper())
