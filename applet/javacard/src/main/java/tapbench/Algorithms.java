package tapbench;

import javacard.security.CryptoException;
import javacard.security.ECPrivateKey;
import javacard.security.KeyAgreement;
import javacard.security.MessageDigest;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * The platform's algorithms, each made once during installation. What a card lacks is null, and its
 * bit is missing in the capability object, so that a host can say what the card can't do.
 */
final class Algorithms {
    private static final byte[] ONE = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1};

    final MessageDigest sha256;
    final Signature ecdsa;
    final KeyAgreement ecdh;
    final Cipher block;
    final Cipher cbc;

    /** The bits of those that are there, as GET DATA DF01 gives them. */
    final short present;

    /** Takes a private key object for a probe; afterwards it holds 1, which is to be replaced. */
    Algorithms(ECPrivateKey probe, Transients ram) {
        sha256 = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
        ecdsa = signature(Signature.ALG_ECDSA_SHA_256);
        KeyAgreement plain = agreement();
        ecdh = plain != null && checksPoints(plain, probe, ram) ? plain : null;
        block = cipher(Cipher.ALG_AES_BLOCK_128_ECB_NOPAD);
        cbc = cipher(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD);
        short bits = 0;
        if (ecdsa != null) {
            bits |= Wire.ALGORITHM_ECDSA;
        }
        if (ecdh != null) {
            bits |= Wire.ALGORITHM_ECDH;
        }
        if (block != null && cbc != null) {
            bits |= Wire.ALGORITHM_AES;
        }
        if (signature(Signature.ALG_AES_CMAC_128) != null) { // reported, not used
            bits |= Wire.ALGORITHM_CMAC;
        }
        present = bits;
    }

    /** Says whether some of them are missing. */
    boolean lack(byte some) {
        return (byte) (present & some) != some;
    }

    private static Signature signature(byte algorithm) {
        try {
            return Signature.getInstance(algorithm, false);
        } catch (CryptoException e) {
            return null;
        }
    }

    private static KeyAgreement agreement() {
        try {
            return KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN, false);
        } catch (CryptoException e) {
            return null;
        }
    }

    private static Cipher cipher(byte algorithm) {
        try {
            return Cipher.getInstance(algorithm, false);
        } catch (CryptoException e) {
            return null;
        }
    }

    /**
     * Says whether an agreement refuses a point that isn't on the curve. One that doesn't tells its
     * private key to whoever sends enough of them, and so counts as none.
     */
    static boolean checksPoints(KeyAgreement ecdh, ECPrivateKey probe, Transients ram) {
        Curve.writeNoPoint(ram.buffer, (short) 0);
        probe.setS(ONE, (short) 0, Curve.SCALAR_LEN);
        ecdh.init(probe);
        try {
            ecdh.generateSecret(ram.buffer, (short) 0, Wire.POINT_LEN, ram.work, Transients.SECRET);
        } catch (RuntimeException e) { // should be a CryptoException, isn't on every platform
            return true;
        }
        return false;
    }
}
