package tapbench;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What stays without power, beside the private keys ({@link Keys}): byte arrays, laid out as the
 * emulator stores its state, without the private keys; only a token's lies in its slot. Everything
 * is allocated when the applet is installed. A command changes it between {@link #begin} and
 * {@link #commit}: all of it or nothing. Transactions begin nowhere else.
 */
final class Persistent {
    /** Where zeros are copied from, a field at a time. */
    private static final byte[] ZEROS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0};

    /** What isn't in a slot: {@link CardState}. */
    final byte[] card;

    /** What unlocks the element: {@link LaunchState}. */
    final byte[] launch;

    /** The wallet's consent to one tap: {@link Arming}. */
    final byte[] arming;

    /** K_SE, the key of all tokens' chains; zeros until the first token is made. */
    final byte[] chains;

    private final Object[] banks;
    private final Object[] tids;
    private final Object[] cards;
    private final Object[] tokens;

    Persistent() {
        card = new byte[CardState.LEN];
        card[CardState.LIFE] = Wire.LIFE_CYCLE_SELECTABLE;
        launch = new byte[LaunchState.LEN];
        arming = new byte[Arming.LEN];
        chains = new byte[Wire.HASH_LEN];
        banks = slots(Wire.BANK_SLOTS, BankSlot.LEN);
        tids = slots(Wire.TID_SLOTS, TidSlot.LEN);
        cards = slots(Wire.CARD_SLOTS, CardSlot.LEN);
        tokens = slots(Wire.TOKEN_SLOTS, TokenSlot.LEN);
    }

    private static Object[] slots(short count, short len) {
        Object[] slots = new Object[count];
        for (short i = 0; i < count; i++) {
            slots[i] = new byte[len];
        }
        return slots;
    }

    /** Returns a bank slot: {@link BankSlot}. */
    byte[] bank(short slot) {
        return (byte[]) banks[slot];
    }

    /** Returns a TSM account's slot: {@link TidSlot}. */
    byte[] tid(short slot) {
        return (byte[]) tids[slot];
    }

    /** Returns a virtual card's slot: {@link CardSlot}. */
    byte[] card(short slot) {
        return (byte[]) cards[slot];
    }

    /** Returns an offline token's slot: {@link TokenSlot}. */
    byte[] token(short slot) {
        return (byte[]) tokens[slot];
    }

    /** Ends the arming, within a transaction. */
    void disarm() {
        clear(arming, Arming.FIELDS, (short) 0, Arming.LEN);
    }

    /** Begins a command's changes. */
    void begin() {
        JCSystem.beginTransaction();
    }

    /** Ends them: from here on all of them hold. */
    void commit() {
        JCSystem.commitTransaction();
    }

    /** Takes back what a command that failed had changed. */
    void abort() {
        if (JCSystem.getTransactionDepth() != 0) {
            JCSystem.abortTransaction();
        }
    }

    /** Says whether nothing was written there: all bytes are zero. */
    static boolean isClear(byte[] slot, short off, short len) {
        byte all = 0;
        for (short i = 0; i < len; i++) {
            all |= slot[(short) (off + i)];
        }
        return all == 0;
    }

    /** Writes a byte within a transaction, if it changes. */
    void set(byte[] slot, short at, byte value) {
        if (slot[at] != value) {
            slot[at] = value;
        }
    }

    /** Writes one field within a transaction, if it changes. */
    void set(byte[] from, short off, byte[] slot, short at, short len) {
        if (Util.arrayCompare(from, off, slot, at, len) != 0) {
            Util.arrayCopy(from, off, slot, at, len);
        }
    }

    /**
     * Writes neighbouring fields within a transaction, by the lengths of all fields of the slot:
     * those that change, neighbours by one copy.
     */
    void write(byte[] from, short off, byte[] slot, byte[] fields, short at, short len) {
        short stop = (short) (at + len);
        short shift = (short) (off - at);
        short changed = at; // where those begin that change and aren't written yet
        short begin = 0;
        for (short i = 0; begin < stop; i++) {
            short end = (short) (begin + (fields[i] & 0xFF));
            if (begin >= at && Util.arrayCompare(from, (short) (begin + shift), slot, begin,
                (short) (end - begin)) == 0) {
                copy(from, shift, slot, changed, begin);
                changed = end;
            }
            begin = end;
        }
        copy(from, shift, slot, changed, stop);
    }

    private static void copy(byte[] from, short shift, byte[] slot, short begin, short end) {
        if (begin < end) {
            Util.arrayCopy(from, (short) (begin + shift), slot, begin, (short) (end - begin));
        }
    }

    /** Writes zeros to fields within a transaction, as Util's fill isn't part of one. */
    void clear(byte[] slot, byte[] fields, short at, short len) {
        short stop = (short) (at + len);
        short begin = 0;
        for (short i = 0; begin < stop; i++) {
            short end = (short) (begin + (fields[i] & 0xFF));
            if (begin >= at) {
                set(ZEROS, (short) 0, slot, begin, (short) (end - begin));
            }
            begin = end;
        }
    }
}
