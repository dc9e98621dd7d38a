package tapbench;

import javacard.framework.Util;
import javacard.security.MessageDigest;

/**
 * HMAC-SHA-256 (RFC 2104) from the platform's SHA-256, because cards lack HMAC. Keys have at most
 * 64 bytes. One at a time; its padded key lies in {@link Transients#HMAC_BLOCK}. Each costs two
 * runs of SHA-256 and at least four of its blocks.
 */
final class Hmac {
    private static final short BLOCK_LEN = 64;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5C;

    private final MessageDigest sha256;
    private final Transients ram;

    /** Takes SHA-256. */
    Hmac(MessageDigest sha256, Transients ram) {
        this.sha256 = sha256;
        this.ram = ram;
    }

    /** Begins with a key; an empty one is a key of zeros. */
    void begin(byte[] key, short off, short len) {
        byte[] work = ram.work;
        Util.arrayFillNonAtomic(work, Transients.HMAC_BLOCK, BLOCK_LEN, (byte) 0);
        Util.arrayCopyNonAtomic(key, off, work, Transients.HMAC_BLOCK, len);
        mask(INNER);
        sha256.reset();
        sha256.update(work, Transients.HMAC_BLOCK, BLOCK_LEN);
    }

    /** Adds bytes. */
    void update(byte[] data, short off, short len) {
        sha256.update(data, off, len);
    }

    /** Adds the last bytes, writes the 32 bytes to a place in the work array, and wipes the key. */
    void finish(byte[] last, short off, short len, short to) {
        byte[] work = ram.work;
        sha256.doFinal(last, off, len, work, to);
        mask((byte) (INNER ^ OUTER));
        sha256.update(work, Transients.HMAC_BLOCK, BLOCK_LEN);
        sha256.doFinal(work, to, Wire.HASH_LEN, work, to);
        Util.arrayFillNonAtomic(work, Transients.HMAC_BLOCK, BLOCK_LEN, (byte) 0);
    }

    private void mask(byte value) {
        for (short i = 0; i < BLOCK_LEN; i++) {
            ram.work[(short) (Transients.HMAC_BLOCK + i)] ^= value;
        }
    }
}
