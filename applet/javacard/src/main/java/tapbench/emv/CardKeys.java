package tapbench.emv;

import javacard.framework.Util;
import javacard.security.RSAPrivateCrtKey;
import javacard.security.RSAPublicKey;
import javacardx.crypto.Cipher;

/** The card's RSA key: made before personalisation, as its certificate is a part of that. */
final class CardKeys {
    /** The length of the modulus, and of what it signs. */
    static final short MODULUS_LEN = 128;

    private static final short EXPONENT_LEN = 3;
    private static final short PUBLIC_KEY = 0x7F49;
    private static final short MODULUS = 0x81;
    private static final short EXPONENT = 0x82;

    /** One byte, not 0: the pair is there. */
    final byte[] made;

    private final Algorithms algorithms;

    CardKeys(Algorithms algorithms) {
        this.algorithms = algorithms;
        made = new byte[1];
    }

    /** Says whether there is a key. */
    boolean areMade() {
        return made[0] != 0;
    }

    /** Makes a key pair and writes the public key, 7F49 { 81 modulus, 82 exponent }; the length. */
    short make(byte[] out) {
        made[0] = 0; // a pair that is half made doesn't count
        algorithms.pair.genKeyPair();
        made[0] = 1;
        RSAPublicKey key = (RSAPublicKey) algorithms.pair.getPublic();
        short len = (short) (MODULUS_LEN + EXPONENT_LEN
            + Tlv.headLen(MODULUS, MODULUS_LEN) + Tlv.headLen(EXPONENT, EXPONENT_LEN));
        short at = Tlv.head(PUBLIC_KEY, len, out, (short) 0);
        at = Tlv.head(MODULUS, MODULUS_LEN, out, at);
        key.getModulus(out, at);
        at = Tlv.head(EXPONENT, EXPONENT_LEN, out, (short) (at + MODULUS_LEN));
        key.getExponent(out, at);
        return (short) (at + EXPONENT_LEN);
    }

    /** Signs a block [128], and writes the signature [128]. */
    void sign(byte[] block, short off, byte[] out, short outOff) {
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) algorithms.pair.getPrivate();
        algorithms.rsa.init(key, Cipher.MODE_DECRYPT);
        short len = algorithms.rsa.doFinal(block, off, MODULUS_LEN, out, outOff);
        short zeros = (short) (MODULUS_LEN - len); // some platforms leave them out
        if (zeros > 0) {
            Util.arrayCopyNonAtomic(out, outOff, out, (short) (outOff + zeros), len);
            Util.arrayFillNonAtomic(out, outOff, zeros, (byte) 0);
        }
    }

    /** Sets the master key for cryptograms [16], and wipes it where it lay. */
    void setMaster(byte[] bytes, short off) {
        algorithms.master.setKey(bytes, off);
        Util.arrayFillNonAtomic(bytes, off, Cryptograms.KEY_LEN, (byte) 0);
    }
}
