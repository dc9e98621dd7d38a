package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacardx.crypto.Cipher;

/**
 * Sealed messages: AES-128-CBC over the plaintext, padded by ISO/IEC 9797-1:2011 method 2, with IV
 * = AES(enc, counter); then AES-CMAC (RFC 4493) over len(ad) [2] || ad || counter [16] ||
 * ciphertext. Padding and CMAC are written out, because cards lack the one or the other.
 *
 * <p>Each message costs three key set-ups and one AES block for each 16 bytes that are MACed, apart
 * from CBC itself.
 */
final class SecureMessaging {
    private static final short BLOCK_LEN = 16;
    private static final short PADDING = 0x80;

    /** The counter of a message that is the only one of its keys. */
    static final byte[] FIRST = {0, 0, 0, 0};

    private static final byte[] LENGTH_HIGH = {0};

    private final Cipher block;
    private final Cipher cbc;
    private final AESKey enc;
    private final AESKey mac;
    private final Transients ram;

    /** Takes AES in ECB and in CBC mode, both without padding. */
    SecureMessaging(Cipher block, Cipher cbc, Transients ram) {
        this.block = block;
        this.cbc = cbc;
        this.ram = ram;
        enc = newKey();
        mac = newKey();
    }

    private static AESKey newKey() {
        return (AESKey) KeyBuilder.buildKey(
            KeyBuilder.TYPE_AES_TRANSIENT_DESELECT, KeyBuilder.LENGTH_AES_128, false);
    }

    /** Takes one direction's keys, enc [16] || mac [16]. */
    void setKeys(byte[] keys, short off) {
        enc.setKey(keys, off);
        mac.setKey(keys, (short) (off + Wire.KEY_LEN));
    }

    /** Takes a key for MACs alone. */
    void setMacKey(byte[] key, short off) {
        mac.setKey(key, off);
    }

    /**
     * Takes the session key of a payment for MACs: AES(master key, ATC [2] || 00 .. 00) (EMV 4.3
     * Book 2, A1.3.1).
     */
    void setSessionKey(byte[] master, short off, byte[] atc, short atcOff) {
        byte[] work = ram.work;
        Util.arrayFillNonAtomic(work, Transients.CONTEXT, BLOCK_LEN, (byte) 0);
        Util.arrayCopyNonAtomic(atc, atcOff, work, Transients.CONTEXT, Wire.ATC_LEN);
        enc.setKey(master, off);
        block.init(enc, Cipher.MODE_ENCRYPT);
        block.doFinal(work, Transients.CONTEXT, BLOCK_LEN, work, Transients.CONTEXT);
        mac.setKey(work, Transients.CONTEXT);
    }

    /**
     * Seals len bytes in place and returns the length of ciphertext || MAC: at most 32 bytes more.
     * The counter [4] is used once for each key; adLen is at most 255.
     */
    short seal(byte[] counter, short counterOff, byte[] ad, short adOff, short adLen, byte[] buf,
            short off, short len) {
        short end = (short) ((len & ~(BLOCK_LEN - 1)) + BLOCK_LEN);
        Util.arrayFillNonAtomic(buf, (short) (off + len), (short) (end - len), (byte) 0);
        buf[(short) (off + len)] = (byte) PADDING;
        iv(counter, counterOff);
        cbc.init(enc, Cipher.MODE_ENCRYPT, ram.work, Transients.CONTEXT, BLOCK_LEN);
        cbc.doFinal(buf, off, end, buf, off);
        tag(counter, counterOff, ad, adOff, adLen, buf, off, end);
        Util.arrayCopyNonAtomic(ram.work, Transients.MAC, buf, (short) (off + end), Wire.MAC_LEN);
        return (short) (end + Wire.MAC_LEN);
    }

    /**
     * Opens ciphertext || MAC in place and returns the plaintext's length. Nothing is decrypted
     * before the MAC is right. Whatever is wrong gives 6A80.
     */
    short open(byte[] counter, short counterOff, byte[] ad, short adOff, short adLen, byte[] buf,
            short off, short len) {
        short end = (short) (len - Wire.MAC_LEN);
        if (end < BLOCK_LEN || (short) (end & (BLOCK_LEN - 1)) != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        tag(counter, counterOff, ad, adOff, adLen, buf, off, end);
        if (!isMac(buf, (short) (off + end))) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        iv(counter, counterOff);
        cbc.init(enc, Cipher.MODE_DECRYPT, ram.work, Transients.CONTEXT, BLOCK_LEN);
        cbc.doFinal(buf, off, end, buf, off);
        return unpad(buf, off, end);
    }

    private static short unpad(byte[] buf, short off, short end) {
        short len = (short) (end - 1);
        while (len > (short) (end - BLOCK_LEN) && buf[(short) (off + len)] == 0) {
            len--;
        }
        if (buf[(short) (off + len)] != (byte) PADDING) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        return len;
    }

    /** Writes AES-CMAC(mac, what is MACed) to {@link Transients#MAC}. */
    private void tag(byte[] counter, short counterOff, byte[] ad, short adOff, short adLen,
            byte[] buf, short off, short len) {
        beginMac();
        updateMac(LENGTH_HIGH, (short) 0, (short) 1);
        addMac((byte) adLen);
        updateMac(ad, adOff, adLen);
        counterBlock(counter, counterOff);
        updateMac(ram.work, Transients.CONTEXT, BLOCK_LEN);
        updateMac(buf, off, len);
        finishMac();
    }

    /** Begins an AES-CMAC with the MAC key. */
    void beginMac() {
        byte[] work = ram.work;
        Util.arrayFillNonAtomic(work, Transients.MAC, (short) (2 * BLOCK_LEN), (byte) 0);
        work[Transients.FILL] = 0;
        block.init(mac, Cipher.MODE_ENCRYPT);
        block.doFinal(work, Transients.SUBKEY, BLOCK_LEN, work, Transients.SUBKEY);
        doubleSubkey(); // K1
    }

    /** Adds bytes to it. */
    void updateMac(byte[] buf, short off, short len) {
        short end = (short) (off + len);
        for (short i = off; i < end; i++) {
            addMac(buf[i]);
        }
    }

    private void addMac(byte value) {
        byte[] work = ram.work;
        short fill = work[Transients.FILL];
        if (fill == BLOCK_LEN) {
            block.doFinal(work, Transients.MAC, BLOCK_LEN, work, Transients.MAC);
            fill = 0;
        }
        work[(short) (Transients.MAC + fill)] ^= value;
        work[Transients.FILL] = (byte) (fill + 1);
    }

    /** Ends it: the MAC lies in {@link Transients#MAC}. */
    void finishMac() {
        byte[] work = ram.work;
        if (work[Transients.FILL] != BLOCK_LEN) {
            work[(short) (Transients.MAC + work[Transients.FILL])] ^= (byte) PADDING;
            doubleSubkey(); // K2
        }
        for (short i = 0; i < BLOCK_LEN; i++) {
            work[(short) (Transients.MAC + i)] ^= work[(short) (Transients.SUBKEY + i)];
        }
        block.doFinal(work, Transients.MAC, BLOCK_LEN, work, Transients.MAC);
    }

    /** Compares the finished MAC with 16 bytes; the time doesn't depend on where they differ. */
    boolean isMac(byte[] buf, short off) {
        byte difference = 0;
        for (short i = 0; i < Wire.MAC_LEN; i++) {
            difference |= (byte) (ram.work[(short) (Transients.MAC + i)] ^ buf[(short) (off + i)]);
        }
        return difference == 0;
    }

    /** Multiplies the subkey by x in GF(2^128), without a branch on it. */
    private void doubleSubkey() {
        byte[] work = ram.work;
        byte carry = 0;
        for (short i = (short) (Transients.SUBKEY + BLOCK_LEN - 1); i >= Transients.SUBKEY; i--) {
            byte out = (byte) ((work[i] >> 7) & 1);
            work[i] = (byte) ((work[i] << 1) | carry);
            carry = out;
        }
        work[(short) (Transients.SUBKEY + BLOCK_LEN - 1)] ^= (byte) (carry * 0x87);
    }

    private void iv(byte[] counter, short off) {
        counterBlock(counter, off);
        block.init(enc, Cipher.MODE_ENCRYPT);
        block.doFinal(ram.work, Transients.CONTEXT, BLOCK_LEN, ram.work, Transients.CONTEXT);
    }

    private void counterBlock(byte[] counter, short off) {
        Util.arrayFillNonAtomic(ram.work, Transients.CONTEXT, BLOCK_LEN, (byte) 0);
        Util.arrayCopyNonAtomic(counter, off, ram.work,
            (short) (Transients.CONTEXT + BLOCK_LEN - Wire.COUNTER_LEN), Wire.COUNTER_LEN);
    }
}
