package tearing.purse;

import javacard.security.AESKey;
import javacard.security.CryptoException;
import javacard.security.ECPrivateKey;
import javacard.security.ECPublicKey;
import javacard.security.KeyAgreement;
import javacard.security.KeyBuilder;
import javacard.security.KeyPair;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** Uses each algorithm once, for the tests of what is counted. */
@SuppressWarnings("deprecation") // of ALG_SECURE_RANDOM, which no card lacks
public final class Notary {
    private final byte[] text = new byte[48];
    private final byte[] out = new byte[80];
    private final KeyPair pair = new KeyPair(KeyPair.ALG_EC_FP, KeyBuilder.LENGTH_EC_FP_192);
    private final Signature ecdsa = Signature.getInstance(Signature.ALG_ECDSA_SHA, false);
    private final MessageDigest sha = MessageDigest.getInstance(MessageDigest.ALG_SHA_256, false);
    private final Cipher cbc = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_CBC_NOPAD, false);
    private final KeyAgreement ecdh = KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN,
        false);
    private final RandomData random = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);
    private final AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES,
        KeyBuilder.LENGTH_AES_128, false);

    /** Makes a key pair. */
    public void makeKeys() {
        pair.genKeyPair();
    }

    /** Signs 3 + 4 bytes, having begun another signature before, and checks that. */
    public boolean sign() {
        ecdsa.init(pair.getPrivate(), Signature.MODE_SIGN);
        ecdsa.update(text, (short) 0, (short) 40);
        ecdsa.init(pair.getPrivate(), Signature.MODE_SIGN);
        ecdsa.update(text, (short) 0, (short) 3);
        short len = ecdsa.sign(text, (short) 3, (short) 4, out, (short) 0);
        ecdsa.init((ECPublicKey) pair.getPublic(), Signature.MODE_VERIFY);
        return ecdsa.verify(text, (short) 0, (short) 7, out, (short) 0, len);
    }

    /** Hashes 2 + 30 bytes, then 5. */
    public void hash() {
        sha.update(text, (short) 0, (short) 9);
        sha.reset();
        sha.update(text, (short) 0, (short) 2);
        sha.doFinal(text, (short) 2, (short) 30, out, (short) 0);
        sha.doFinal(text, (short) 0, (short) 5, out, (short) 0);
    }

    /** Enciphers 16 + 32 bytes. */
    public void encipher() {
        key.setKey(text, (short) 0);
        cbc.init(key, Cipher.MODE_ENCRYPT);
        cbc.update(text, (short) 0, (short) 16, out, (short) 0);
        cbc.doFinal(text, (short) 16, (short) 32, out, (short) 16);
    }

    /** Agrees with something that is no point, and says whether that was refused. */
    public boolean agree() {
        ecdh.init((ECPrivateKey) pair.getPrivate());
        try {
            ecdh.generateSecret(text, (short) 0, (short) 48, out, (short) 0);
            return false;
        } catch (CryptoException | IllegalArgumentException e) {
            return true;
        }
    }

    /** Draws 20 bytes. */
    public void draw() {
        random.generateData(out, (short) 0, (short) 20);
    }
}
