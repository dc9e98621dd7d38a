package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.ECPrivateKey;
import javacard.security.KeyAgreement;

/**
 * The receiving end of HPKE (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, export-only AEAD,
 * mode base. Transient: 32 + 65 + 32 + 2 bytes. One ECDH agreement and 8 HMACs for a context and
 * two exports.
 */
final class Hpke {
    private static final byte[] VERSION = {'H', 'P', 'K', 'E', '-', 'v', '1'};
    private static final byte[] SUITE_KEM = {'K', 'E', 'M', 0x00, 0x10};
    private static final byte[] SUITE = {
        'H', 'P', 'K', 'E', 0x00, 0x10, 0x00, 0x01, (byte) 0xFF, (byte) 0xFF};
    private static final byte[] EAE_PRK = {'e', 'a', 'e', '_', 'p', 'r', 'k'};
    private static final byte[] SHARED_SECRET = {
        's', 'h', 'a', 'r', 'e', 'd', '_', 's', 'e', 'c', 'r', 'e', 't'};
    private static final byte[] PSK_ID_HASH = {
        'p', 's', 'k', '_', 'i', 'd', '_', 'h', 'a', 's', 'h'};
    private static final byte[] INFO_HASH = {'i', 'n', 'f', 'o', '_', 'h', 'a', 's', 'h'};
    private static final byte[] SECRET = {'s', 'e', 'c', 'r', 'e', 't'};
    private static final byte[] EXP = {'e', 'x', 'p'};
    private static final byte[] SEC = {'s', 'e', 'c'};
    private static final byte[] ONE = {0x01};
    private static final short HASH = Wire.HASH_LEN;
    private static final short CONTEXT = (short) (1 + 2 * Wire.HASH_LEN);

    private final Hmac hmac;
    private final KeyAgreement agreement;
    private final byte[] secret;
    private final byte[] context;
    private final byte[] exporter;
    private final byte[] length;

    Hpke(Hmac hmac) {
        this.hmac = hmac;
        agreement = KeyAgreement.getInstance(KeyAgreement.ALG_EC_SVDP_DH_PLAIN, false);
        secret = JCSystem.makeTransientByteArray(HASH, JCSystem.CLEAR_ON_DESELECT);
        context = JCSystem.makeTransientByteArray(CONTEXT, JCSystem.CLEAR_ON_DESELECT);
        exporter = JCSystem.makeTransientByteArray(HASH, JCSystem.CLEAR_ON_DESELECT);
        length = JCSystem.makeTransientByteArray((short) 2, JCSystem.CLEAR_ON_DESELECT);
    }

    /**
     * Decapsulates: key is the receiver's, own its public point, enc the sender's 65 bytes, info
     * type || label. The context lasts until the next one.
     */
    void open(ECPrivateKey key, byte[] own, short ownOffset, byte[] enc, short encOffset,
              byte[] info, short infoOffset, short infoLength) {
        agreement.init(key);
        agreement.generateSecret(enc, encOffset, Wire.POINT_LEN, secret, (short) 0);
        begin(null, (short) 0, SUITE_KEM, EAE_PRK);
        hmac.update(secret, (short) 0, HASH);
        hmac.doFinal(secret, (short) 0);
        beginExpand(secret, HASH, SUITE_KEM, SHARED_SECRET);
        hmac.update(enc, encOffset, Wire.POINT_LEN);
        hmac.update(own, ownOffset, Wire.POINT_LEN);
        endExpand(secret, (short) 0);
        schedule(info, infoOffset, infoLength);
    }

    /** Writes 16 bytes: the export whose context is given. */
    void export(byte[] name, short offset, short nameLength, byte[] out, short outOffset) {
        beginExpand(exporter, Wire.KEY_LEN, SUITE, SEC);
        hmac.update(name, offset, nameLength);
        endExpand(secret, (short) 0);
        Util.arrayCopyNonAtomic(secret, (short) 0, out, outOffset, Wire.KEY_LEN);
        Util.arrayFillNonAtomic(secret, (short) 0, HASH, (byte) 0);
    }

    /** The key schedule of RFC 9180, 5.1, without a PSK. */
    private void schedule(byte[] info, short offset, short infoLength) {
        context[0] = 0;
        begin(null, (short) 0, SUITE, PSK_ID_HASH);
        hmac.doFinal(context, (short) 1);
        begin(null, (short) 0, SUITE, INFO_HASH);
        hmac.update(info, offset, infoLength);
        hmac.doFinal(context, (short) (1 + HASH));
        begin(secret, HASH, SUITE, SECRET);
        hmac.doFinal(secret, (short) 0);
        beginExpand(secret, HASH, SUITE, EXP);
        hmac.update(context, (short) 0, CONTEXT);
        endExpand(exporter, (short) 0);
        Util.arrayFillNonAtomic(secret, (short) 0, HASH, (byte) 0);
    }

    /** LabeledExtract; the caller adds the key material and ends it. */
    private void begin(byte[] salt, short saltLength, byte[] suite, byte[] label) {
        hmac.init(salt, (short) 0, saltLength);
        hmac.update(VERSION, (short) 0, (short) VERSION.length);
        hmac.update(suite, (short) 0, (short) suite.length);
        hmac.update(label, (short) 0, (short) label.length);
    }

    /** LabeledExpand of at most one block; the caller adds the info. */
    private void beginExpand(byte[] key, short n, byte[] suite, byte[] label) {
        hmac.init(key, (short) 0, HASH);
        Util.setShort(length, (short) 0, n);
        hmac.update(length, (short) 0, (short) 2);
        hmac.update(VERSION, (short) 0, (short) VERSION.length);
        hmac.update(suite, (short) 0, (short) suite.length);
        hmac.update(label, (short) 0, (short) label.length);
    }

    private void endExpand(byte[] out, short offset) {
        hmac.update(ONE, (short) 0, (short) 1);
        hmac.doFinal(out, offset);
    }
}
