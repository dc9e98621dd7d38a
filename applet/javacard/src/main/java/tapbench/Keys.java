package tapbench;

import javacard.framework.Util;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyPair;

/**
 * The element's private keys: one key object for each place and three spare ones. A key is made in
 * a spare object and takes its place within the command's transaction, by swapping references; so
 * no key object has to roll back. The public keys are given out when they are made, and stored by
 * whoever needs them. A token's private key has no place: it lies in its slot, and is loaded into a
 * spare object to sign.
 */
final class Keys {
    /** The places, each the first of its slots. */
    static final short SE = 0;
    static final short USER = 1;
    static final short BANK_SIGN = 2;
    static final short BANK_KEM = (short) (BANK_SIGN + Wire.BANK_SLOTS);
    static final short TID_SIGN = (short) (BANK_KEM + Wire.BANK_SLOTS);
    static final short TID_KEM = (short) (TID_SIGN + Wire.TID_SLOTS);
    static final short CARD = (short) (TID_KEM + Wire.TID_SLOTS);

    /** The spare ones: two for an account's keys, the first for a token's too; one for HPKE's. */
    static final short FIRST = (short) (CARD + Wire.CARD_SLOTS);
    static final short SECOND = (short) (FIRST + 1);
    static final short EPHEMERAL = (short) (FIRST + 2);

    private static final short COUNT = (short) (FIRST + 3);

    /** The public key that a signature is checked with; set anew for each. */
    final ECPublicKey signer;

    /** By place; the spare ones last. */
    final KeyPair[] pairs;

    private final ECPublicKey made;

    Keys() {
        signer = Curve.newPublic();
        made = Curve.newPublic();
        pairs = new KeyPair[COUNT];
        for (short i = 0; i < COUNT; i++) {
            pairs[i] = new KeyPair(made, Curve.newPrivate());
        }
    }

    /** Makes a key pair in a spare object and writes its public key [65]. */
    void make(short spare, byte[] out, short off) {
        pairs[spare].genKeyPair();
        made.getW(out, off);
    }

    /** Writes the scalar [32] of a key that was made in a spare object. */
    void read(short spare, byte[] out, short off) {
        short len = get(spare).getS(out, off);
        short zeros = (short) (Curve.SCALAR_LEN - len); // some platforms leave them out
        Util.arrayCopyNonAtomic(out, off, out, (short) (off + zeros), len);
        Util.arrayFillNonAtomic(out, off, zeros, (byte) 0);
    }

    /** Loads a token's scalar [32] into the first spare object, and returns the key. */
    ECPrivateKey load(byte[] scalar, short off) {
        ECPrivateKey key = get(FIRST);
        key.setS(scalar, off, Curve.SCALAR_LEN);
        return key;
    }

    /** Returns a private key. */
    ECPrivateKey get(short place) {
        return (ECPrivateKey) pairs[place].getPrivate();
    }

    /** Puts a spare key in its place, within a transaction. The one before is the spare one now. */
    void take(short spare, short place) {
        KeyPair before = pairs[place];
        pairs[place] = pairs[spare];
        pairs[spare] = before;
    }
}
