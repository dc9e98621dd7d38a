package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;
import javacardx.crypto.Cipher;

/**
 * One direction of a channel: AES-128-CBC with IV = AES(enc, counter) and ISO/IEC 9797-1 padding 2,
 * then AES-CMAC (RFC 4493) over len(ad) || ad || counter || ciphertext. CMAC is built from the block
 * cipher, because some cards lack it. Transient: 5 blocks of 16 bytes and two keys.
 */
final class SecureMessaging {
    static final short BLOCK = 16;

    private final AESKey encKey;
    private final AESKey macKey;
    private final Cipher cipher;
    private final byte[] state;
    private final byte[] subkey;
    private final byte[] iv;
    private final byte[] pending;
    private short filled;

    SecureMessaging() {
        encKey = (AESKey) KeyBuilder.buildKey(
            KeyBuilder.TYPE_AES_TRANSIENT_DESELECT, KeyBuilder.LENGTH_AES_128, false);
        macKey = (AESKey) KeyBuilder.buildKey(
            KeyBuilder.TYPE_AES_TRANSIENT_DESELECT, KeyBuilder.LENGTH_AES_128, false);
        cipher = Cipher.getInstance(Cipher.ALG_AES_BLOCK_128_ECB_NOPAD, false);
        state = JCSystem.makeTransientByteArray(BLOCK, JCSystem.CLEAR_ON_DESELECT);
        subkey = JCSystem.makeTransientByteArray(BLOCK, JCSystem.CLEAR_ON_DESELECT);
        iv = JCSystem.makeTransientByteArray((short) (2 * BLOCK), JCSystem.CLEAR_ON_DESELECT);
        pending = JCSystem.makeTransientByteArray(BLOCK, JCSystem.CLEAR_ON_DESELECT);
    }

    void setKeys(byte[] enc, short encOffset, byte[] mac, short macOffset) {
        encKey.setKey(enc, encOffset);
        macKey.setKey(mac, macOffset);
    }

    /**
     * Opens ciphertext || MAC in place and returns the plaintext's length, or -1 for whatever is
     * wrong. The MAC is checked before anything is decrypted.
     */
    short open(byte[] counter, short counterOffset, byte[] ad, short adOffset, short adLength,
               byte[] data, short offset, short length) {
        short n = (short) (length - Wire.MAC_LEN);
        if (n < BLOCK || (short) (n % BLOCK) != 0) {
            return -1;
        }
        tag(counter, counterOffset, ad, adOffset, adLength, data, offset, n);
        byte differs = 0;
        for (short i = 0; i < Wire.MAC_LEN; i++) {
            differs |= (byte) (state[i] ^ data[(short) (offset + n + i)]);
        }
        if (differs != 0) {
            return -1;
        }
        decrypt(counter, counterOffset, data, offset, n);
        return unpadded(data, offset, n);
    }

    private void decrypt(byte[] counter, short counterOffset, byte[] data, short offset, short n) {
        setCounter(counter, counterOffset);
        cipher.init(encKey, Cipher.MODE_ENCRYPT);
        cipher.doFinal(iv, (short) 0, BLOCK, iv, (short) 0);
        cipher.init(encKey, Cipher.MODE_DECRYPT);
        for (short at = offset; at < (short) (offset + n); at += BLOCK) {
            Util.arrayCopyNonAtomic(data, at, iv, BLOCK, BLOCK);
            cipher.doFinal(data, at, BLOCK, data, at);
            for (short i = 0; i < BLOCK; i++) {
                data[(short) (at + i)] ^= iv[i];
            }
            Util.arrayCopyNonAtomic(iv, BLOCK, iv, (short) 0, BLOCK);
        }
    }

    private static short unpadded(byte[] data, short offset, short n) {
        short end = (short) (n - 1);
        while (end > (short) (n - BLOCK) && data[(short) (offset + end)] == 0) {
            end--;
        }
        return data[(short) (offset + end)] == (byte) 0x80 ? end : (short) -1;
    }

    /** Computes the channel's MAC into state. */
    private void tag(byte[] counter, short counterOffset, byte[] ad, short adOffset,
                     short adLength, byte[] data, short offset, short n) {
        macBegin();
        Util.setShort(iv, (short) 0, adLength);
        macUpdate(iv, (short) 0, (short) 2);
        macUpdate(ad, adOffset, adLength);
        setCounter(counter, counterOffset);
        macUpdate(iv, (short) 0, BLOCK);
        macUpdate(data, offset, n);
        macEnd();
    }

    private void setCounter(byte[] counter, short offset) {
        Util.arrayFillNonAtomic(iv, (short) 0, BLOCK, (byte) 0);
        Util.arrayCopyNonAtomic(counter, offset, iv, (short) (BLOCK - Wire.COUNTER_LEN),
            Wire.COUNTER_LEN);
    }

    /** Writes AES-CMAC under the MAC key, 16 bytes. */
    void cmac(byte[] data, short offset, short length, byte[] out, short outOffset) {
        macBegin();
        macUpdate(data, offset, length);
        macEnd();
        Util.arrayCopyNonAtomic(state, (short) 0, out, outOffset, BLOCK);
    }

    private void macBegin() {
        cipher.init(macKey, Cipher.MODE_ENCRYPT);
        Util.arrayFillNonAtomic(state, (short) 0, BLOCK, (byte) 0);
        filled = 0;
    }

    private void macUpdate(byte[] data, short offset, short length) {
        for (short i = 0; i < length; i++) {
            if (filled == BLOCK) { // more follows: this block isn't the last one
                absorb();
                filled = 0;
            }
            pending[filled] = data[(short) (offset + i)];
            filled++;
        }
    }

    private void macEnd() {
        Util.arrayFillNonAtomic(subkey, (short) 0, BLOCK, (byte) 0);
        cipher.doFinal(subkey, (short) 0, BLOCK, subkey, (short) 0);
        doubleSubkey();
        if (filled < BLOCK) {
            pending[filled] = (byte) 0x80;
            filled++;
            Util.arrayFillNonAtomic(pending, filled, (short) (BLOCK - filled), (byte) 0);
            doubleSubkey();
        }
        for (short i = 0; i < BLOCK; i++) {
            pending[i] ^= subkey[i];
        }
        absorb();
    }

    private void absorb() {
        for (short i = 0; i < BLOCK; i++) {
            state[i] ^= pending[i];
        }
        cipher.doFinal(state, (short) 0, BLOCK, state, (short) 0);
    }

    /** Multiplies by x in GF(2^128), without a branch on the key. */
    private void doubleSubkey() {
        short carry = (short) ((subkey[0] >> 7) & 1);
        for (short i = 0; i < (short) (BLOCK - 1); i++) {
            short next = (short) ((subkey[(short) (i + 1)] >> 7) & 1);
            subkey[i] = (byte) ((short) (subkey[i] << 1) | next);
        }
        subkey[(short) (BLOCK - 1)] = (byte) ((short) (subkey[(short) (BLOCK - 1)] << 1)
            ^ (short) (carry * 0x87));
    }
}
