package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * Messages as they travel: enc [65] || sealed for one body towards a KEM key, or counter [4] ||
 * sealed in a channel. All lie in {@link Transients#buffer}, and are sealed and opened in place.
 */
final class Envelope {
    private final Hpke hpke;
    private final SecureMessaging channel;
    private final Keys keys;
    private final Transients ram;

    Envelope(Hpke hpke, SecureMessaging channel, Keys keys, Transients ram) {
        this.hpke = hpke;
        this.channel = channel;
        this.keys = keys;
        this.ram = ram;
    }

    /** Agrees on K_B,U with a KEM key [65]: enc [65] is written, the key to the work array. */
    void agree(byte[] to, short toOff, short enc) {
        keys.make(Keys.EPHEMERAL, ram.buffer, enc);
        hpke.encapsulate(keys.get(Keys.EPHEMERAL), ram.buffer, enc, to, toOff,
            Wire.MSG_OPEN_ACCOUNT);
        hpke.exportShared();
    }

    /**
     * Seals the body of len bytes that lies behind enc's place, with the newest transcript as
     * associated data, and returns the length of enc || ciphertext || MAC.
     */
    short seal(byte type, byte[] to, short toOff, short enc, short len) {
        short body = (short) (enc + Wire.POINT_LEN);
        keys.make(Keys.EPHEMERAL, ram.buffer, enc);
        hpke.encapsulate(keys.get(Keys.EPHEMERAL), ram.buffer, enc, to, toOff, type);
        hpke.exportKeys(type);
        channel.setKeys(ram.work, Transients.KEYS);
        return (short) (Wire.POINT_LEN + channel.seal(SecureMessaging.FIRST, (short) 0, ram.work,
            Transients.TH, Wire.HASH_LEN, ram.buffer, body, len));
    }

    /**
     * Opens enc || ciphertext || MAC of len bytes at the buffer's beginning, for the key of a place
     * whose public key [65] is given. The body is to have so many bytes, its prefix included.
     */
    void open(byte type, short place, byte[] pub, short pubOff, byte[] th, short thOff, short len,
            short want) {
        hpke.decapsulate(keys.get(place), pub, pubOff, ram.buffer, (short) 0, type);
        hpke.exportKeys(type);
        channel.setKeys(ram.work, Transients.KEYS);
        short got = channel.open(SecureMessaging.FIRST, (short) 0, th, thOff, Wire.HASH_LEN,
            ram.buffer, Wire.POINT_LEN, (short) (len - Wire.POINT_LEN));
        checkPrefix(type, Wire.POINT_LEN, got, want);
    }

    /** Writes a channel's keys from the context of the message that was opened last. */
    void exportKeys(byte type, short to) {
        hpke.exportKeys(type);
        Util.arrayCopyNonAtomic(ram.work, Transients.KEYS, ram.buffer, to,
            (short) (2 * Wire.KEY_LEN));
    }

    /**
     * Seals the body of len bytes behind the counter's place with a channel's keys, and returns the
     * length of counter || ciphertext || MAC. The counter after it is written to {@link
     * Transients#COUNTER}, for the command's transaction. No counter left: 6985.
     */
    short send(byte[] slot, short sent, short channelKeys, byte[] th, short thOff, short len) {
        Util.arrayCopyNonAtomic(slot, sent, ram.buffer, (short) 0, Wire.COUNTER_LEN);
        if (!increment(ram.buffer, (short) 0)) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        channel.setKeys(slot, channelKeys);
        return (short) (Wire.COUNTER_LEN + channel.seal(ram.buffer, (short) 0, th, thOff,
            Wire.HASH_LEN, ram.buffer, Wire.COUNTER_LEN, len));
    }

    /**
     * Opens counter || ciphertext || MAC of len bytes at the buffer's beginning. The counter after
     * it is written to {@link Transients#COUNTER}. A counter that was used: 6A80.
     */
    void receive(byte type, byte[] slot, short received, short channelKeys, byte[] th,
            short thOff, short len, short want) {
        boolean used = Unsigned.isBelow(ram.buffer, (short) 0, slot, received,
            Wire.COUNTER_LEN);
        if (used || !increment(ram.buffer, (short) 0)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return;
        }
        channel.setKeys(slot, channelKeys);
        short got = channel.open(ram.buffer, (short) 0, th, thOff, Wire.HASH_LEN, ram.buffer,
            Wire.COUNTER_LEN, (short) (len - Wire.COUNTER_LEN));
        checkPrefix(type, Wire.COUNTER_LEN, got, want);
    }

    /** Writes a counter's successor to its place. The last one, FFFFFFFF, has none. */
    boolean increment(byte[] counter, short off) {
        byte[] work = ram.work;
        Util.arrayCopyNonAtomic(counter, off, work, Transients.COUNTER, Wire.COUNTER_LEN);
        for (short i = (short) (Wire.COUNTER_LEN - 1); i >= 0; i--) {
            short at = (short) (Transients.COUNTER + i);
            work[at]++;
            if (work[at] != 0) {
                return true;
            }
        }
        return false;
    }

    /** Checks that an opened body at an offset has its length, type and label. */
    void checkPrefix(byte type, short off, short got, short want) {
        byte[] buffer = ram.buffer;
        if (got != want || buffer[off] != type || Util.arrayCompare(buffer, (short) (off + 1),
            Wire.LABEL, (short) 0, (short) Wire.LABEL.length) != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
        }
    }
}
