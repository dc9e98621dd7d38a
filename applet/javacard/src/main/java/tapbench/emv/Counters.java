package tapbench.emv;

import javacard.framework.Util;

/**
 * What the application counts, without power. Each command stores at most once, and a store is done
 * wholly or not at all, so that there are no transactions.
 *
 * <pre>
 *  0  ATC      2  of the latest transaction
 *  2  COUNT    1  consecutive transactions that were approved offline; stays at 255
 *  3  AMOUNT   6  what they came to, n12; stays at its highest
 *  9  FAILED   1  offline authentication failed, and the transaction was declined
 * </pre>
 */
final class Counters {
    static final short ATC = 0;
    static final short ATC_LEN = 2;
    static final short LEN = 10;

    /** Places in what {@link #count} writes. */
    static final short OVERFLOW = 0; // the amount has more than 12 digits
    static final short NEXT_COUNT = 1;
    static final short NEXT_AMOUNT = 2;
    static final short NEXT_LEN = 8;

    /** Bits of FAILED. */
    static final byte SDA_FAILED = 0x01;
    static final byte DDA_FAILED = 0x02;

    private static final short COUNT = 2;
    private static final short AMOUNT = 3;
    private static final short FAILED = 9;
    private static final short LARGEST_COUNT = 255;
    private static final byte NINES = (byte) 0x99;

    final byte[] bytes;

    Counters() {
        bytes = new byte[LEN];
    }

    /** Says whether there can be no further transaction. */
    boolean areUsedUp() {
        return bytes[ATC] == -1 && bytes[(short) (ATC + 1)] == -1;
    }

    /** Begins a transaction: the counter rises. work is a place in RAM [2]. */
    void begin(byte[] work, short off) {
        Util.setShort(work, off, (short) (Util.getShort(bytes, ATC) + 1));
        Util.arrayCopy(work, off, bytes, ATC, ATC_LEN);
    }

    /** Returns how many transactions were approved offline. */
    short count() {
        return (short) (bytes[COUNT] & 0xFF);
    }

    /** Returns what of earlier transactions failed. */
    byte failed() {
        return bytes[FAILED];
    }

    /** Writes what would be counted with one more transaction of an amount [6]. */
    void count(byte[] amount, short amountOff, byte[] next, short off) {
        short count = count();
        next[(short) (off + NEXT_COUNT)] = (byte) (count < LARGEST_COUNT ? count + 1 : count);
        short at = (short) (off + NEXT_AMOUNT);
        Util.arrayCopyNonAtomic(bytes, AMOUNT, next, at, Terminal.AMOUNT_LEN);
        next[(short) (off + OVERFLOW)] = Bcd.add(next, at, amount, amountOff, Terminal.AMOUNT_LEN);
    }

    /** Counts what {@link #count} has written. */
    void approve(byte[] next, short off) {
        if (next[(short) (off + OVERFLOW)] != 0) {
            Util.arrayFillNonAtomic(next, (short) (off + NEXT_AMOUNT), Terminal.AMOUNT_LEN, NINES);
        }
        Util.arrayCopy(next, (short) (off + NEXT_COUNT), bytes, COUNT, (short) (NEXT_LEN - 1));
    }

    /** Remembers what failed in a declined transaction. */
    void remember(byte failures) {
        byte all = (byte) (bytes[FAILED] | failures);
        if (all != bytes[FAILED]) {
            bytes[FAILED] = all;
        }
    }
}
