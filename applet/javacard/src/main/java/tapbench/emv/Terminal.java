package tapbench.emv;

import javacard.framework.Util;

/**
 * What the terminal has said in a transaction: the values that CDOL1 and PDOL asked for. Where both
 * ask for a data object, CDOL1's is the later one and holds.
 */
final class Terminal {
    static final short AMOUNT = (short) 0x9F02;
    static final short AMOUNT_LEN = 6;
    static final short CURRENCY = 0x5F2A;
    static final short CURRENCY_LEN = 2;
    static final short RESULTS = 0x95;
    static final short RESULTS_LEN = 5;
    static final short NUMBER = (short) 0x9F37;
    static final short NUMBER_LEN = 4;

    /** What a cryptogram covers, in its order: tag and length (EMV 4.3 Book 2, table 26). */
    private static final short[] COVERED = {
        AMOUNT, AMOUNT_LEN, (short) 0x9F03, AMOUNT_LEN, (short) 0x9F1A, 2, RESULTS, RESULTS_LEN,
        CURRENCY, CURRENCY_LEN, 0x9A, 3, 0x9C, 1, NUMBER, NUMBER_LEN};

    private final DataGroups groups;
    private final Memory ram;

    Terminal(DataGroups groups, Memory ram) {
        this.groups = groups;
        this.ram = ram;
    }

    /** Says whether a list asks for what a cryptogram covers by the lengths that it has there. */
    static boolean hasLengths(byte[] list, short off, short len) {
        for (short i = 0; i < (short) COVERED.length; i += 2) {
            if (!Dol.hasLength(list, off, len, COVERED[i], COVERED[(short) (i + 1)])) {
                return false;
            }
        }
        return true;
    }

    /** Writes all that a cryptogram covers, zeros for what no list asks for; where it ends. */
    short covered(byte[] data, short off, byte[] out, short at) {
        for (short i = 0; i < (short) COVERED.length; i += 2) {
            short len = COVERED[(short) (i + 1)];
            value(COVERED[i], len, data, off, out, at);
            at = (short) (at + len);
        }
        return at;
    }

    /** Writes a value, zeros if no list asks for it, and says whether one does. */
    boolean value(short tag, short len, byte[] data, short off, byte[] out, short at) {
        if (copy(PaymentRules.CDOL1, tag, len, data, off, out, at)
            || offered(tag, len, out, at)) {
            return true;
        }
        Util.arrayFillNonAtomic(out, at, len, (byte) 0);
        return false;
    }

    /** Writes a value of the PDOL's alone, and says whether that asks for it. */
    boolean offered(short tag, short len, byte[] out, short at) {
        return copy(PaymentRules.PDOL, tag, len, ram.tap, Memory.PDOL, out, at);
    }

    private boolean copy(short list, short tag, short len, byte[] data, short off, byte[] out,
            short at) {
        short where = groups.find(list);
        if (where == DataGroups.NONE) {
            return false;
        }
        short found = Dol.find(groups.bytes, where, groups.length(where), tag);
        if (found == Dol.NONE) {
            return false;
        }
        Util.arrayCopyNonAtomic(data, (short) (off + found), out, at, len);
        return true;
    }
}
