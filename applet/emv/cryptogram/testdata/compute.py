"""Computes with pyemv what each line of standard input asks for.

A line is a JSON object: "do" and its arguments, bytes in hexadecimal. The answer is one line of
hexadecimal digits. pyemv has no AES: what the common core definitions want of it is put together
here out of the parts of PyPI's cryptography. Nor has it scripts in format 1: with triple DES they
are put together out of pyemv's own parts.
"""
import json
import sys

from cryptography.hazmat.primitives import cmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pyemv import ac, cvn, kd, mac as pymac, sm

def aes(key, data, mode=None):
    e = Cipher(algorithms.AES(key), mode or modes.ECB()).encryptor()
    return e.update(data) + e.finalize()


def mac(key, data):
    c = cmac.CMAC(algorithms.AES(key))
    c.update(data)
    return c.finalize()


class CCD:
    """The common core definitions with AES, with the names of pyemv's classes."""

    block = 16

    def __init__(self, mk_ac, mk_smi, mk_smc, pan, psn):
        y = bytes.fromhex((pan + psn).zfill(32))
        self.ac, self.smi, self.smc = (aes(k, y) for k in (mk_ac, mk_smi, mk_smc))

    def generate_ac(self, *tags):
        return mac(aes(self.ac, tags[9] + bytes(14)), b"".join(tags))[:8]

    def generate_arpc(self, tag_9f26, tag_9f36, csu, own):
        return mac(aes(self.ac, tag_9f36 + bytes(14)), tag_9f26 + csu + own)[:4]

    def whole_mac(self, message, tag_9f26):
        return mac(aes(self.smi, tag_9f26 + bytes(8)), message)

    def encrypt_command_data(self, command_data, tag_9f26):
        padded = pymac.pad_iso9797_1(command_data + b"\x80", 16)
        return aes(aes(self.smc, tag_9f26 + bytes(8)), padded, modes.CBC(bytes(16)))


class CCD3DES:
    """The common core definitions with triple DES: all of it is pyemv's."""

    block = 8

    def __init__(self, mk_ac, mk_smi, mk_smc, pan, psn):
        self.ac, self.smi, self.smc = (
            kd.derive_icc_mk_b(k, pan, psn) for k in (mk_ac, mk_smi, mk_smc)
        )

    def generate_ac(self, *tags):
        sk = kd.derive_common_sk(self.ac, tags[9] + bytes(6))
        return ac.generate_ac(sk, b"".join(tags), ac.PaddingType.EMV)

    def generate_arpc(self, tag_9f26, tag_9f36, csu, own):
        return ac.generate_arpc_2(kd.derive_common_sk(self.ac, tag_9f36 + bytes(6)), tag_9f26, csu, own)

    def whole_mac(self, message, tag_9f26):
        sk = kd.derive_common_sk(self.smi, tag_9f26)
        return pymac.mac_iso9797_3(sk[:8], sk[8:], message, padding=1)

    def encrypt_command_data(self, command_data, tag_9f26):
        sk = kd.derive_common_sk(self.smc, tag_9f26)
        return sm.encrypt_command_data(sk, command_data, sm.EncryptionType.EMV)


def format1(c, q, n):
    """Scripts in format 1 (EMV Book 2, annex D2), made anew of what was sent and of the PIN."""
    chain = bytes.fromhex(q["9f26"]).ljust(c.block, b"\x00")
    for command in map(bytes.fromhex, q["commands"].split()):
        header, body = command[:4], command[5 : -n - 2]
        if header[1:] == b"\x24\x00\x02":
            pin = sm.format_iso9564_2_pin_block(q["pin"])
            value = b"\x01" + c.encrypt_command_data(pin, bytes.fromhex(q["9f26"]))
            body = bytes([0x87, len(value)]) + value
        elif body:
            length = len(body) - 2 if len(body) < 130 else len(body) - 3
            head = bytes([0x81, length]) if length < 128 else bytes([0x81, 0x81, length])
            body = head + body[-length:]
        message = chain + pymac.pad_iso9797_2(header, c.block)
        if body:
            message += pymac.pad_iso9797_2(body, c.block)
        chain = c.whole_mac(message, bytes.fromhex(q["9f26"]))
        field = body + bytes([0x8E, n]) + chain[:n]
        yield header + bytes([len(field)]) + field


def format2(c, q, n):
    """Scripts in format 2, made anew of what was sent and of the PIN."""
    ac, atc = bytes.fromhex(q["9f26"]), bytes.fromhex(q["9f36"])
    for command in map(bytes.fromhex, q["commands"].split()):
        header, body = command[:4], command[5:-n]
        if header[1:] == b"\x24\x00\x02":
            body = c.generate_pin_change_command(q["pin"], ac, atc)[5:-8]
        header += bytes([len(body) + n])
        yield header + body + c.generate_command_mac(header, ac, atc, body)[:n]


CLASSES = {
    "cvn10": cvn.VisaCVN10,
    "cvn18": cvn.VisaCVN18,
    "ccd": CCD,
    "ccd-3des": CCD3DES,
}
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
        diversifier = b("9f36") if q["scheme"].startswith("cvn") else b("9f26")
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
        "commands": lambda: b"".join(
            (format2 if q["scheme"].startswith("cvn") else format1)(card(), q, int(q["mac"]))
        ),
        "data": encipher,
    }[q["do"]]()


for line in sys.stdin:
    print(compute(json.loads(line)).hex().upper())
