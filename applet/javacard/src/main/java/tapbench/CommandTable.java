package tapbench;

import javacard.framework.Util;

/**
 * The commands of one application and what is checked before each runs: a row of bytes for each.
 *
 * <pre>
 *  0  FLAGS   1
 *  1  INS     1
 *  2  P1      1  P1 is below it; OWN: the application checks
 *  3  P2      1  P2 is below it
 *  4  LENGTH  2  of the data; ANY_LENGTH: the application checks
 * </pre>
 */
final class CommandTable {
    /** CLA is 00, not 80. */
    static final byte INTER = 0x01;
    /** The data may come in a chain. */
    static final byte CHAINS = 0x02;
    /** No proof by the host is needed. */
    static final byte OPEN = 0x04;
    /** No launch is needed. */
    static final byte LOCKED = 0x08;
    /** Before personalisation only. */
    static final byte FRESH = 0x10;
    /** After personalisation only. */
    static final byte PERSON = 0x20;

    /** ECDH is needed. */
    static final byte AGREES = 0x40;

    static final byte OWN = 0;
    static final byte ANY_LENGTH = -1;

    private static final short FLAGS = 0;
    private static final short INS = 1;
    private static final short P1 = 2;
    private static final short P2 = 3;
    private static final short LENGTH = 4;
    private static final short ROW_LEN = 6;

    /** What {@link #find} returns for a command that isn't there. */
    static final short NONE = -1;

    private final byte[] rows;

    /** Takes the rows, a constant array. */
    CommandTable(byte[] rows) {
        this.rows = rows;
    }

    /** Returns the row of a command; its class is without the chaining bit. */
    short find(byte cla, byte ins) {
        byte inter = cla == Wire.CLA_INTERINDUSTRY ? INTER : 0;
        for (short row = 0; row < (short) rows.length; row += ROW_LEN) {
            if (rows[(short) (row + INS)] == ins
                && (byte) (rows[(short) (row + FLAGS)] & INTER) == inter) {
                return row;
            }
        }
        return NONE;
    }

    /** Says whether a row has a flag. */
    boolean has(short row, byte flag) {
        return (byte) (rows[(short) (row + FLAGS)] & flag) != 0;
    }

    /** Says whether the application checks P1 and P2 itself. */
    boolean ownParameters(short row) {
        return rows[(short) (row + P1)] == OWN;
    }

    /** Says whether P1 and P2 are below their bounds. */
    boolean allows(short row, byte p1, byte p2) {
        return (short) (p1 & 0xFF) < rows[(short) (row + P1)]
            && (short) (p2 & 0xFF) < rows[(short) (row + P2)];
    }

    /** Returns the length of the data. */
    short length(short row) {
        return Util.getShort(rows, (short) (row + LENGTH));
    }
}
