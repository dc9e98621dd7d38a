package tapbench.emv;

import javacard.framework.Util;

/**
 * Signed dynamic application data (EMV 4.3 Book 2, 6.5.1 and 6.6.1): a block 6A || 05 01 length
 * dynamic data || BB... || SHA-1 || BC, signed by the card's key. The dynamic data are a number [8]
 * with its length before it and, for CDA, CID [1] || cryptogram [8] || transaction's hash [20] and
 * what was exchanged against relays [14], if anything was.
 */
final class DynamicData {
    private static final byte HEADER = 0x6A;
    private static final byte FORMAT = 0x05;
    private static final byte SHA1 = 0x01;
    private static final byte PADDING = (byte) 0xBB;
    private static final byte TRAILER = (byte) 0xBC;

    private static final short HASH_LEN = 20;
    private static final short HASH = (short) (CardKeys.MODULUS_LEN - 1 - HASH_LEN);

    private static final short NUMBER_LEN = 8;
    private static final short LENGTH = 3; // of the dynamic data
    private static final short NUMBER = 5;
    private static final short NUMBER_END = (short) (NUMBER + NUMBER_LEN);

    /** Places of what CDA signs, in the block. */
    static final short CID = NUMBER_END;
    static final short CRYPTOGRAM = (short) (CID + 1);
    static final short TRANSACTION = (short) (CRYPTOGRAM + Cryptograms.LEN);
    static final short RELAY = (short) (TRANSACTION + HASH_LEN);

    private final Algorithms algorithms;
    private final CardKeys keys;

    DynamicData(Algorithms algorithms, CardKeys keys) {
        this.algorithms = algorithms;
        this.keys = keys;
    }

    /**
     * Begins a block; what CDA signs, with so many bytes of relay resistance data, is put in its
     * places afterwards.
     */
    void begin(byte[] block, boolean isCombined, short relay) {
        short end = isCombined ? (short) (RELAY + relay) : NUMBER_END;
        block[0] = HEADER;
        block[1] = FORMAT;
        block[2] = SHA1;
        block[LENGTH] = (byte) (end - LENGTH - 1);
        block[(short) (LENGTH + 1)] = (byte) NUMBER_LEN;
        algorithms.random(block, NUMBER, NUMBER_LEN);
        Util.arrayFillNonAtomic(block, end, (short) (HASH - end), PADDING);
    }

    /** Begins the transaction's hash. */
    void beginHash() {
        algorithms.sha1.reset();
    }

    /** Takes more of what the hash covers. */
    void hash(byte[] in, short off, short len) {
        algorithms.sha1.update(in, off, len);
    }

    /** Writes the hash into its place, with the last that it covers. */
    void finishHash(byte[] in, short off, short len, byte[] block) {
        algorithms.sha1.doFinal(in, off, len, block, TRANSACTION);
    }

    /** Signs the block with the terminal's data behind it; where the signature [128] ends. */
    short sign(byte[] block, byte[] in, short off, short len, byte[] out, short at) {
        algorithms.sha1.reset();
        algorithms.sha1.update(block, (short) 1, (short) (HASH - 1));
        algorithms.sha1.doFinal(in, off, len, block, HASH);
        block[(short) (CardKeys.MODULUS_LEN - 1)] = TRAILER;
        keys.sign(block, (short) 0, out, at);
        return (short) (at + CardKeys.MODULUS_LEN);
    }
}
