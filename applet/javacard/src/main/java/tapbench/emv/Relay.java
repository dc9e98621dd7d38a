package tapbench.emv;

import javacard.framework.ISOException;
import javacard.framework.Util;

/**
 * Relay resistance (EMV Contactless Book C-2 2.6). The card's entropies are drawn when a transaction
 * begins, so that the time that a terminal measures holds nothing but the exchange; each try has one
 * of its own.
 */
final class Relay {
    static final byte TRIES = 3;
    static final short ENTROPY_LEN = 4;
    /** What was exchanged: the terminal's entropy, the card's, three times [2]. */
    static final short LEN = 14;

    private static final short TIMES_LEN = 6;
    private static final short FORMAT_1 = 0x80;

    private final DataGroups groups;
    private final Memory ram;
    private final Algorithms algorithms;

    Relay(DataGroups groups, Memory ram, Algorithms algorithms) {
        this.groups = groups;
        this.ram = ram;
        this.algorithms = algorithms;
    }

    /** Says whether the card has it. */
    boolean isThere() {
        return groups.find(PaymentRules.RELAY) != DataGroups.NONE;
    }

    /** Draws for a transaction that begins. */
    void begin() {
        ram.tap[Memory.TRIES] = 0;
        if (isThere()) {
            algorithms.random(ram.tap, Memory.ENTROPY, (short) (TRIES * ENTROPY_LEN));
        }
    }

    /** Returns how many bytes a signature says of the last exchange: 0 without one. */
    short exchangedLen() {
        return ram.tap[Memory.TRIES] == 0 ? 0 : LEN;
    }

    /**
     * EXCHANGE RELAY RESISTANCE DATA (80 EA 0000): the terminal's entropy [4]. Answer: 80 { the
     * card's [4], minimum, maximum, transmission [2] each, in 100 us }.
     */
    short exchange(byte[] buffer, short off) {
        byte[] tap = ram.tap;
        if (tap[Memory.TRIES] >= TRIES) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
        }
        short at = Util.arrayCopyNonAtomic(buffer, off, tap, Memory.EXCHANGED, ENTROPY_LEN);
        short own = (short) (Memory.ENTROPY + tap[Memory.TRIES] * ENTROPY_LEN);
        short end = Util.arrayCopyNonAtomic(tap, own, tap, at, ENTROPY_LEN);
        Util.arrayCopyNonAtomic(groups.bytes, groups.find(PaymentRules.RELAY), tap, end, TIMES_LEN);
        tap[Memory.TRIES]++;
        short len = (short) (ENTROPY_LEN + TIMES_LEN);
        return Util.arrayCopyNonAtomic(tap, at, ram.answer,
            Tlv.head(FORMAT_1, len, ram.answer, (short) 0), len);
    }
}
