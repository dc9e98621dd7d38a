package tapbench.emv;

import javacard.framework.Util;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * Application cryptograms of version 18: triple DES with a session key of EMV's common method (EMV
 * 4.3 Book 2, annex A1.3.1 and 8.1.2).
 */
final class Cryptograms {
    static final short KEY_LEN = 16;
    static final short LEN = 8;

    private static final short HALF = 8;
    private static final short THIRD = 2; // the byte of the diversifier that tells the halves
    private static final byte LEFT = (byte) 0xF0;
    private static final byte RIGHT = 0x0F;

    private final Algorithms algorithms;

    Cryptograms(Algorithms algorithms) {
        this.algorithms = algorithms;
    }

    /** Sets the session key of a transaction counter; work is a place in RAM [16]. */
    void begin(byte[] atc, short atcOff, byte[] work, short off) {
        Util.arrayFillNonAtomic(work, off, KEY_LEN, (byte) 0);
        Util.arrayCopyNonAtomic(atc, atcOff, work, off, (short) 2);
        Util.arrayCopyNonAtomic(atc, atcOff, work, (short) (off + HALF), (short) 2);
        work[(short) (off + THIRD)] = LEFT;
        work[(short) (off + HALF + THIRD)] = RIGHT;
        algorithms.block.init(algorithms.master, Cipher.MODE_ENCRYPT);
        algorithms.block.doFinal(work, off, KEY_LEN, work, off);
        algorithms.session.setKey(work, off);
        Util.arrayFillNonAtomic(work, off, KEY_LEN, (byte) 0);
        algorithms.mac.init(algorithms.session, Signature.MODE_SIGN);
    }

    /** Takes more of what the cryptogram covers. */
    void update(byte[] in, short off, short len) {
        algorithms.mac.update(in, off, len);
    }

    /** Writes the cryptogram [8]. */
    void finish(byte[] out, short off) {
        algorithms.mac.sign(out, off, (short) 0, out, off);
        algorithms.session.clearKey();
    }
}
