package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.ECPrivateKey;
import javacard.security.Signature;

/**
 * ECDSA over SHA-256 as fixed r || s with s in its lower half. The card hashes by itself: raw ECDSA
 * is missing on many. Transient: 72 bytes for DER.
 */
final class Signing {
    private static final short HALF = 32;
    private static final short DER = 72;

    private final Signature ecdsa;
    private final byte[] der;

    Signing() {
        ecdsa = Signature.getInstance(Signature.ALG_ECDSA_SHA_256, false);
        der = JCSystem.makeTransientByteArray(DER, JCSystem.CLEAR_ON_DESELECT);
    }

    /** Begins a signature; what is signed may come in pieces by update. */
    void init(ECPrivateKey key) {
        ecdsa.init(key, Signature.MODE_SIGN);
    }

    void update(byte[] data, short offset, short length) {
        ecdsa.update(data, offset, length);
    }

    /** Ends with the last piece and writes 64 bytes. */
    void sign(byte[] data, short offset, short length, byte[] out, short outOffset) {
        ecdsa.sign(data, offset, length, der, (short) 0);
        short at = integer((short) 2, out, outOffset);
        integer(at, out, (short) (outOffset + HALF));
        lower(out, (short) (outOffset + HALF));
    }

    /** Copies a DER integer to 32 bytes and returns where the next one begins. */
    private short integer(short at, byte[] out, short outOffset) {
        short n = der[(short) (at + 1)];
        short from = (short) (at + 2);
        short next = (short) (from + n);
        if (n > HALF) { // the leading zero that keeps it positive
            from++;
            n = HALF;
        }
        Util.arrayFillNonAtomic(out, outOffset, HALF, (byte) 0);
        Util.arrayCopyNonAtomic(der, from, out, (short) (outOffset + HALF - n), n);
        return next;
    }

    /** Replaces s by n - s if s > n / 2: if n - s is smaller. */
    private void lower(byte[] s, short offset) {
        short borrow = 0;
        for (short i = (short) (HALF - 1); i >= 0; i--) {
            short d = (short) ((Curve.N[i] & 0xFF) - (s[(short) (offset + i)] & 0xFF) - borrow);
            borrow = (short) ((d >> 8) & 1);
            der[i] = (byte) d;
        }
        for (short i = 0; i < HALF; i++) {
            short mine = (short) (s[(short) (offset + i)] & 0xFF);
            short other = (short) (der[i] & 0xFF);
            if (mine != other) {
                if (mine > other) {
                    Util.arrayCopyNonAtomic(der, (short) 0, s, offset, HALF);
                }
                return;
            }
        }
    }
}
