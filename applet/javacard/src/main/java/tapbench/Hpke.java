package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.ECPrivateKey;
import javacard.security.KeyAgreement;

/**
 * HPKE in base mode with the export-only AEAD (RFC 9180, 4.1, 5.1.1 and 5.3), for DHKEM(P-256,
 * HKDF-SHA256) and HKDF-SHA256: from SHA-256 and plain ECDH alone. A context costs one ECDH and 6
 * HMACs, each export one more.
 *
 * <p>One context at a time; its secret lies in {@link Transients#SECRET} until it is wiped.
 */
final class Hpke {
    private static final short HASH_LEN = Wire.HASH_LEN;

    private static final byte[] VERSION = {'H', 'P', 'K', 'E', '-', 'v', '1'};
    /** DHKEM(P-256, HKDF-SHA256). */
    private static final byte[] KEM_SUITE = {'K', 'E', 'M', 0x00, 0x10};
    /** That KEM, HKDF-SHA256, export-only. */
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
    private static final byte[] LENGTH = {0, 16, 0, 32}; // of an export, two bytes each
    private static final byte[] LAST_BLOCK = {1}; // HKDF-Expand's counter
    private static final byte[] MODE_BASE = {0};

    private final Hmac hmac;
    private final KeyAgreement ecdh;
    private final Transients ram;

    /** Takes HMAC, and ECDH that gives the plain X coordinate. */
    Hpke(Hmac hmac, KeyAgreement ecdh, Transients ram) {
        this.hmac = hmac;
        this.ecdh = ecdh;
        this.ram = ram;
    }

    /**
     * Makes the receiver's context from enc [65] and the receiver's key pair; info = type || label.
     * An enc that isn't a point of the curve gives 6A80.
     */
    void decapsulate(ECPrivateKey key, byte[] pub, short pubOff, byte[] enc, short encOff,
            byte type) {
        agree(key, enc, encOff);
        schedule(enc, encOff, pub, pubOff, type);
    }

    /**
     * Makes the sender's context towards a public key [65]. The ephemeral key pair, whose public
     * key is enc [65], was made before. A key that isn't a point of the curve gives 6A80.
     */
    void encapsulate(ECPrivateKey ephemeral, byte[] enc, short encOff, byte[] to, short toOff,
            byte type) {
        agree(ephemeral, to, toOff);
        schedule(enc, encOff, to, toOff, type);
    }

    /** ExtractAndExpand and the key schedule, from the agreement in {@link Transients#SECRET}. */
    private void schedule(byte[] enc, short encOff, byte[] pub, short pubOff, byte type) {
        byte[] work = ram.work;
        // ExtractAndExpand of the KEM: kem_context = enc || pub.
        extract(work, (short) 0, (short) 0, KEM_SUITE, EAE_PRK);
        hmac.finish(work, Transients.SECRET, HASH_LEN, Transients.SECRET);
        expand(KEM_SUITE, SHARED_SECRET, HASH_LEN);
        hmac.update(enc, encOff, Wire.POINT_LEN);
        hmac.update(pub, pubOff, Wire.POINT_LEN);
        hmac.finish(LAST_BLOCK, (short) 0, (short) 1, Transients.SECRET);
        // The key schedule: psk and psk_id are empty.
        extract(work, (short) 0, (short) 0, SUITE, PSK_ID_HASH);
        hmac.finish(work, (short) 0, (short) 0, Transients.HASHES);
        extract(work, (short) 0, (short) 0, SUITE, INFO_HASH);
        short len = context(type);
        hmac.finish(work, Transients.CONTEXT, len, (short) (Transients.HASHES + HASH_LEN));
        extract(work, Transients.SECRET, HASH_LEN, SUITE, SECRET);
        hmac.finish(work, (short) 0, (short) 0, Transients.SECRET);
        expand(SUITE, EXP, HASH_LEN);
        hmac.update(MODE_BASE, (short) 0, (short) 1);
        hmac.update(work, Transients.HASHES, (short) (2 * HASH_LEN));
        hmac.finish(LAST_BLOCK, (short) 0, (short) 1, Transients.SECRET);
    }

    /**
     * Writes one direction's channel keys, enc [16] || mac [16], to {@link Transients#KEYS}: the
     * exports for the contexts type || label || "E" and type || label || "M".
     */
    void exportKeys(byte type) {
        export(type, (byte) 'E', Wire.KEY_LEN, Transients.KEYS);
        export(type, (byte) 'M', Wire.KEY_LEN, (short) (Transients.KEYS + Wire.KEY_LEN));
    }

    /** Writes K_B,U [32] to {@link Transients#KEYS}: the export for type || label || "K". */
    void exportShared() {
        export(Wire.MSG_OPEN_ACCOUNT, (byte) 'K', Wire.SHARED_KEY_LEN, Transients.KEYS);
    }

    /** Exports 16 or 32 bytes; 32 bytes are written in any case. */
    private void export(byte type, byte name, short len, short to) {
        short end = context(type);
        ram.work[(short) (Transients.CONTEXT + end)] = name;
        expand(SUITE, SEC, len);
        hmac.update(ram.work, Transients.CONTEXT, (short) (end + 1));
        hmac.finish(LAST_BLOCK, (short) 0, (short) 1, to);
    }

    /** Writes type || label to its place and returns its length. */
    private short context(byte type) {
        ram.work[Transients.CONTEXT] = type;
        Util.arrayCopyNonAtomic(Wire.LABEL, (short) 0, ram.work, (short) (Transients.CONTEXT + 1),
            (short) Wire.LABEL.length);
        return (short) (1 + Wire.LABEL.length);
    }

    private void agree(ECPrivateKey key, byte[] point, short off) {
        if (!Certificates.isPoint(point, off)) { // platforms take other encodings too
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return;
        }
        try {
            ecdh.init(key);
            align(ecdh.generateSecret(point, off, Wire.POINT_LEN, ram.work, Transients.SECRET));
        } catch (RuntimeException e) { // should be a CryptoException, isn't on every platform
            ISOException.throwIt(Wire.SW_WRONG_DATA);
        }
    }

    /** Puts the zeros before a coordinate that not every platform writes. */
    private void align(short len) {
        if (len < HASH_LEN) {
            short zeros = (short) (HASH_LEN - len);
            Util.arrayCopyNonAtomic(ram.work, Transients.SECRET, ram.work,
                (short) (Transients.SECRET + zeros), len);
            Util.arrayFillNonAtomic(ram.work, Transients.SECRET, zeros, (byte) 0);
        }
    }

    /** Begins LabeledExtract(salt, label, ikm) (RFC 9180, 4); ikm is what follows. */
    private void extract(byte[] salt, short off, short len, byte[] suite, byte[] label) {
        hmac.begin(salt, off, len);
        labels(suite, label);
    }

    /** Begins LabeledExpand(SECRET, label, info, len); info is what follows, LAST_BLOCK ends it. */
    private void expand(byte[] suite, byte[] label, short len) {
        hmac.begin(ram.work, Transients.SECRET, HASH_LEN);
        hmac.update(LENGTH, (short) (len == HASH_LEN ? 2 : 0), (short) 2);
        labels(suite, label);
    }

    private void labels(byte[] suite, byte[] label) {
        hmac.update(VERSION, (short) 0, (short) VERSION.length);
        hmac.update(suite, (short) 0, (short) suite.length);
        hmac.update(label, (short) 0, (short) label.length);
    }
}
