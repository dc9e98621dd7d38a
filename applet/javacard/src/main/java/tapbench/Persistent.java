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
    /** Where zeros are copied from, a block at a time. */
    private static final byte[] ZEROS = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0};

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

    /** Writes zeros within a transaction, which Util's fill isn't part of. */
    void clear(byte[] slot, short off, short len) {
        while (len > 0) {
            short part = len < (short) ZEROS.length ? len : (short) ZEROS.length;
            Util.arrayCopy(ZEROS, (short) 0, slot, off, part);
            off += part;
            len -= part;
        }
    }
}
