package tapbench.emv;

import javacard.framework.ISOException;
import javacard.security.CryptoException;
import javacard.security.DESKey;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/**
 * What the payment application computes with, made once at its installation. A card that lacks one
 * of these can't be such a card: its installation ends with 6A81.
 */
final class Algorithms {
    /** The card's key pair, 1,024 bits; exponent 65,537, as the platform makes it. */
    final KeyPair pair;
    /** Signs a block as long as the modulus. */
    final Cipher rsa;
    final MessageDigest sha1;
    /** One or more blocks with triple DES. */
    final Cipher block;
    /** MAC of ISO/IEC 9797-1:2011, algorithm 3 with padding 2. */
    final Signature mac;
    /** The card's master key for cryptograms. */
    final DESKey master;
    /** A transaction's key, in RAM. */
    final DESKey session;

    private final RandomData random;

    @SuppressWarnings("deprecation") // no card lacks this source; what follows it, many do
    Algorithms() {
        pair = pair();
        rsa = cipherRsa();
        sha1 = MessageDigest.getInstance(MessageDigest.ALG_SHA, false);
        block = cipherDes();
        mac = mac();
        master = (DESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_DES, KeyBuilder.LENGTH_DES3_2KEY,
            false);
        session = (DESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_DES_TRANSIENT_DESELECT,
            KeyBuilder.LENGTH_DES3_2KEY, false);
        random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    }

    /** Writes random bytes. */
    @SuppressWarnings("deprecation") // as above
    void random(byte[] out, short off, short len) {
        random.generateData(out, off, len);
    }

    private static KeyPair pair() {
        try {
            return new KeyPair(KeyPair.ALG_RSA_CRT, KeyBuilder.LENGTH_RSA_1024);
        } catch (CryptoException e) {
            ISOException.throwIt(Codes.SW_FUNCTION_NOT_SUPPORTED);
            return null;
        }
    }

    private static Cipher cipherRsa() {
        try {
            return Cipher.getInstance(Cipher.ALG_RSA_NOPAD, false);
        } catch (CryptoException e) {
            ISOException.throwIt(Codes.SW_FUNCTION_NOT_SUPPORTED);
            return null;
        }
    }

    private static Cipher cipherDes() {
        try {
            return Cipher.getInstance(Cipher.ALG_DES_ECB_NOPAD, false);
        } catch (CryptoException e) {
            ISOException.throwIt(Codes.SW_FUNCTION_NOT_SUPPORTED);
            return null;
        }
    }

    private static Signature mac() {
        try {
            return Signature.getInstance(Signature.ALG_DES_MAC8_ISO9797_1_M2_ALG3, false);
        } catch (CryptoException e) {
            ISOException.throwIt(Codes.SW_FUNCTION_NOT_SUPPORTED);
            return null;
        }
    }
}
