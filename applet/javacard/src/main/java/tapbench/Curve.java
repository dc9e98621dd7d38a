package tapbench;

import javacard.framework.Util;
import javacard.security.ECKey;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyBuilder;

/**
 * P-256 (FIPS 186-5, SP 800-186): its parameters, key objects that have them, and what is computed
 * modulo its order. A Java Card names no curves, so that each key object takes the parameters.
 */
final class Curve {
    /** The length of a field element and of a private key, in bytes. */
    static final short SCALAR_LEN = 32;

    private static final byte[] P = {
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF,
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF};
    private static final byte[] A = {
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF,
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFC};
    private static final byte[] B = {
        (byte) 0x5A, (byte) 0xC6, (byte) 0x35, (byte) 0xD8, (byte) 0xAA, (byte) 0x3A, (byte) 0x93,
        (byte) 0xE7, (byte) 0xB3, (byte) 0xEB, (byte) 0xBD, (byte) 0x55, (byte) 0x76, (byte) 0x98,
        (byte) 0x86, (byte) 0xBC, (byte) 0x65, (byte) 0x1D, (byte) 0x06, (byte) 0xB0, (byte) 0xCC,
        (byte) 0x53, (byte) 0xB0, (byte) 0xF6, (byte) 0x3B, (byte) 0xCE, (byte) 0x3C, (byte) 0x3E,
        (byte) 0x27, (byte) 0xD2, (byte) 0x60, (byte) 0x4B};
    private static final byte[] G = {
        (byte) 0x04, (byte) 0x6B, (byte) 0x17, (byte) 0xD1, (byte) 0xF2, (byte) 0xE1, (byte) 0x2C,
        (byte) 0x42, (byte) 0x47, (byte) 0xF8, (byte) 0xBC, (byte) 0xE6, (byte) 0xE5, (byte) 0x63,
        (byte) 0xA4, (byte) 0x40, (byte) 0xF2, (byte) 0x77, (byte) 0x03, (byte) 0x7D, (byte) 0x81,
        (byte) 0x2D, (byte) 0xEB, (byte) 0x33, (byte) 0xA0, (byte) 0xF4, (byte) 0xA1, (byte) 0x39,
        (byte) 0x45, (byte) 0xD8, (byte) 0x98, (byte) 0xC2, (byte) 0x96, (byte) 0x4F, (byte) 0xE3,
        (byte) 0x42, (byte) 0xE2, (byte) 0xFE, (byte) 0x1A, (byte) 0x7F, (byte) 0x9B, (byte) 0x8E,
        (byte) 0xE7, (byte) 0xEB, (byte) 0x4A, (byte) 0x7C, (byte) 0x0F, (byte) 0x9E, (byte) 0x16,
        (byte) 0x2B, (byte) 0xCE, (byte) 0x33, (byte) 0x57, (byte) 0x6B, (byte) 0x31, (byte) 0x5E,
        (byte) 0xCE, (byte) 0xCB, (byte) 0xB6, (byte) 0x40, (byte) 0x68, (byte) 0x37, (byte) 0xBF,
        (byte) 0x51, (byte) 0xF5};
    /** The order of the group, 32 bytes. */
    static final byte[] N = {
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF,
        (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xBC,
        (byte) 0xE6, (byte) 0xFA, (byte) 0xAD, (byte) 0xA7, (byte) 0x17, (byte) 0x9E, (byte) 0x84,
        (byte) 0xF3, (byte) 0xB9, (byte) 0xCA, (byte) 0xC2, (byte) 0xFC, (byte) 0x63, (byte) 0x25,
        (byte) 0x51};

    private Curve() {
    }

    /** Allocates a private key object: for constructors only. Cards lack transient ones. */
    static ECPrivateKey newPrivate() {
        ECPrivateKey key = (ECPrivateKey) KeyBuilder.buildKey(
            KeyBuilder.TYPE_EC_FP_PRIVATE, KeyBuilder.LENGTH_EC_FP_256, false);
        setParameters(key);
        return key;
    }

    /** Allocates a public key object: for constructors only. */
    static ECPublicKey newPublic() {
        ECPublicKey key = (ECPublicKey) KeyBuilder.buildKey(
            KeyBuilder.TYPE_EC_FP_PUBLIC, KeyBuilder.LENGTH_EC_FP_256, false);
        setParameters(key);
        return key;
    }

    private static void setParameters(ECKey key) {
        key.setFieldFP(P, (short) 0, (short) P.length);
        key.setA(A, (short) 0, (short) A.length);
        key.setB(B, (short) 0, (short) B.length);
        key.setG(G, (short) 0, (short) G.length);
        key.setR(N, (short) 0, (short) N.length);
        key.setK((short) 1);
    }

    /** Says whether s is above n / 2: whether n - s is the smaller one. s is no secret. */
    static boolean isHigh(byte[] s, short off) {
        byte carry = 0; // of n shifted right by one bit
        for (short i = 0; i < SCALAR_LEN; i++) {
            short half = (short) (((N[i] & 0xFF) >> 1) | (carry << 7));
            carry = (byte) (N[i] & 1);
            short digit = (short) (s[(short) (off + i)] & 0xFF);
            if (digit != half) {
                return digit > half;
            }
        }
        return false;
    }

    /** Replaces s by n - s; s is in 1 to n - 1. */
    static void negate(byte[] s, short off) {
        short borrow = 0;
        for (short i = (short) (SCALAR_LEN - 1); i >= 0; i--) {
            short at = (short) (off + i);
            short difference = (short) ((N[i] & 0xFF) - (s[at] & 0xFF) - borrow);
            borrow = (short) (difference < 0 ? 1 : 0);
            s[at] = (byte) difference;
        }
    }

    /** Writes 65 bytes that look like a public key, but aren't on the curve. */
    static void writeNoPoint(byte[] out, short off) {
        Util.arrayCopyNonAtomic(G, (short) 0, out, off, Wire.POINT_LEN);
        out[(short) (off + Wire.POINT_LEN - 1)] ^= 1;
    }
}
