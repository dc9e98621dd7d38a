package tapbench.emv;

import javacard.framework.Util;

/**
 * Card risk management: which cryptogram the card answers, and what it counts. Its limits are a data
 * grouping:
 *
 * <pre>
 *  0  FLAGS       1  which limits there are; a new card asks for the issuer
 *  1  LOWER       1  consecutive offline transactions
 *  2  UPPER       1
 *  3  AMOUNTS    12  cumulative amounts, lower and upper, n12
 * 15  CURRENCY    2  n3
 * 17  KEY_INDEX   1  of the master key, for the issuer
 * </pre>
 */
final class Risk {
    static final short LIMITS_LEN = 18;

    private static final short LOWER = 1;
    private static final short UPPER = 2;
    private static final short AMOUNTS = 3;
    private static final short CURRENCY = 15;
    private static final short KEY_INDEX = 17;

    private static final byte HAS_LOWER = 0x01;
    private static final byte HAS_UPPER = 0x02;
    private static final byte HAS_LOWER_AMOUNT = 0x04;
    private static final byte HAS_UPPER_AMOUNT = 0x08;
    private static final byte ONLINE_NEW = 0x10;

    /** The terminal verification results of offline data authentication (Book 3, annex C5). */
    private static final byte SDA_FAILED = 0x40;
    private static final byte DDA_FAILED = 0x0C;

    private final DataGroups groups;
    private final Counters counters;

    Risk(DataGroups groups, Counters counters) {
        this.groups = groups;
        this.counters = counters;
    }

    /** Says whether amounts and currency are digits. */
    static boolean areLimits(byte[] limits, short at) {
        return Bcd.areDigits(limits, (short) (at + AMOUNTS), (short) (KEY_INDEX - AMOUNTS));
    }

    /** Returns the index of the card's master key. */
    byte keyIndex() {
        return groups.bytes[(short) (groups.find(PaymentRules.LIMITS) + KEY_INDEX)];
    }

    /** Says whether a transaction's currency [2] is the limits'. */
    boolean isCurrency(byte[] in, short off) {
        short at = (short) (groups.find(PaymentRules.LIMITS) + CURRENCY);
        return Util.arrayCompare(in, off, groups.bytes, at, Terminal.CURRENCY_LEN) == 0;
    }

    /** Says whether a card that was never online, as none of this kind was, asks for the issuer. */
    boolean wantsOnlineNew() {
        return (byte) (groups.bytes[groups.find(PaymentRules.LIMITS)] & ONLINE_NEW) != 0;
    }

    /**
     * Says whether a transaction would exceed a limit, were it approved offline. next is {@link
     * Counters#count}'s result: what would be counted then.
     */
    boolean exceeds(byte[] next, short off) {
        byte[] limits = groups.bytes;
        short at = groups.find(PaymentRules.LIMITS);
        byte flags = limits[at];
        return isAbove(flags, HAS_LOWER, limits[(short) (at + LOWER)])
            || isAbove(flags, HAS_UPPER, limits[(short) (at + UPPER)])
            || isAbove(flags, HAS_LOWER_AMOUNT, next, off, (short) (at + AMOUNTS))
            || isAbove(flags, HAS_UPPER_AMOUNT, next, off,
                (short) (at + AMOUNTS + Terminal.AMOUNT_LEN));
    }

    private boolean isAbove(byte flags, byte has, byte limit) {
        return (byte) (flags & has) != 0
            && (short) (counters.count() + 1) > (short) (limit & 0xFF);
    }

    private boolean isAbove(byte flags, byte has, byte[] next, short off, short limit) {
        return (byte) (flags & has) != 0
            && (next[(short) (off + Counters.OVERFLOW)] != 0 || Bcd.isBelow(groups.bytes, limit,
                next, (short) (off + Counters.NEXT_AMOUNT), Terminal.AMOUNT_LEN));
    }

    /** Returns what of the verification results [5] of a declined transaction is remembered. */
    static byte failures(byte[] results, short off) {
        byte first = results[off];
        byte failures = 0;
        if ((byte) (first & SDA_FAILED) != 0) {
            failures |= Counters.SDA_FAILED;
        }
        if ((byte) (first & DDA_FAILED) != 0) {
            failures |= Counters.DDA_FAILED;
        }
        return failures;
    }
}
