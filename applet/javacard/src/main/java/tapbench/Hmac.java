package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * HMAC-SHA256 (RFC 2104) from the platform's SHA-256: cards lack HMAC. Keys have at most 64 bytes.
 * Transient: 96 bytes.
 */
final class Hmac {
    private static final short BLOCK = 64;

    private final MessageDigest sha;
    private final byte[] pad;
    private final byte[] inner;

    Hmac() {
        sha = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
        pad = JCSystem.makeTransientByteArray(BLOCK, JCSystem.CLEAR_ON_DESELECT);
        inner = JCSystem.makeTransientByteArray(Wire.HASH_LEN, JCSystem.CLEAR_ON_DESELECT);
    }

    /** Begins with a key; none is a key of zeros. */
    void init(byte[] key, short offset, short length) {
        Util.arrayFillNonAtomic(pad, (short) 0, BLOCK, (byte) 0);
        if (length > 0) {
            Util.arrayCopyNonAtomic(key, offset, pad, (short) 0, length);
        }
        xor((byte) 0x36);
        sha.reset();
        sha.update(pad, (short) 0, BLOCK);
    }

    void update(byte[] data, short offset, short length) {
        sha.update(data, offset, length);
    }

    /** Writes 32 bytes and wipes the key. */
    void doFinal(byte[] out, short offset) {
        sha.doFinal(pad, (short) 0, (short) 0, inner, (short) 0);
        xor((byte) (0x36 ^ 0x5C));
        sha.update(pad, (short) 0, BLOCK);
        sha.doFinal(inner, (short) 0, Wire.HASH_LEN, out, offset);
        Util.arrayFillNonAtomic(pad, (short) 0, BLOCK, (byte) 0);
        Util.arrayFillNonAtomic(inner, (short) 0, Wire.HASH_LEN, (byte) 0);
    }

    private void xor(byte value) {
        for (short i = 0; i < BLOCK; i++) {
            pad[i] ^= value;
        }
    }
}
