package tapbench.emv;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * STORE DATA: data groupings, DGI [2] || length [1, or FF and 2] || value, in numbered blocks (EMV
 * CPS 1.1). A value may go on in the next blocks; a head may not. Block 00 begins anew. What went
 * wrong, a reset or another selection ends a personalisation, of which nothing stays then.
 */
final class Personalisation {
    private static final byte LAST = (byte) 0x80;
    private static final short LONG = 0xFF;

    /** Places in RAM: the next block's number, where a value goes on, and what is missing of it. */
    private static final byte NEXT = 0;
    private static final byte AT = 1;
    private static final byte MISSING = 2;
    private static final byte VALUE = 3;
    private static final byte LEN = 4;

    private final DataGroups groups;
    private final GroupRules rules;
    private final short[] ram;

    Personalisation(DataGroups groups, GroupRules rules) {
        this.groups = groups;
        this.rules = rules;
        ram = JCSystem.makeTransientShortArray(LEN, JCSystem.CLEAR_ON_DESELECT);
    }

    /** STORE DATA (80 E2, P1 00 or for the last block 80, P2 its number): at least one byte. */
    void store(byte p1, byte p2, byte[] in, short off, short len) {
        short number = (short) (p2 & 0xFF);
        if ((byte) (p1 & ~LAST) != 0) {
            ISOException.throwIt(Codes.SW_INCORRECT_P1_P2);
        } else if (len == 0) {
            ISOException.throwIt(Codes.SW_WRONG_LENGTH);
        } else if (number != 0 && number != ram[NEXT]) {
            ISOException.throwIt(Codes.SW_CONDITIONS_NOT_SATISFIED);
        }
        if (number == 0) {
            groups.clear();
            ram[MISSING] = 0;
        }
        ram[NEXT] = 0; // unless all goes well
        short end = (short) (off + len);
        while (off < end) {
            if (ram[MISSING] == 0) {
                off = head(in, off, end);
            }
            off = value(in, off, end);
        }
        if (p1 != LAST) {
            ram[NEXT] = (short) (number + 1);
            return;
        }
        if (ram[MISSING] != 0) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
            return;
        }
        rules.checkAll();
        groups.close(in, (short) 0);
    }

    /** Reads a head and opens its grouping; returns where the value begins. */
    private short head(byte[] in, short off, short end) {
        short left = (short) (end - off);
        if (left < 3 || (short) (in[(short) (off + 2)] & 0xFF) == LONG && left < 5) {
            ISOException.throwIt(Codes.SW_WRONG_DATA);
            return end;
        }
        short id = Util.getShort(in, off);
        short len = (short) (in[(short) (off + 2)] & 0xFF);
        off += 3;
        if (len == LONG) {
            len = Util.getShort(in, off);
            off += 2;
        }
        rules.check(id, len);
        short at = groups.find(id) == DataGroups.NONE ? groups.open(id, len) : DataGroups.NONE;
        if (at == DataGroups.NONE) {
            ISOException.throwIt(groups.find(id) == DataGroups.NONE ? Codes.SW_NOT_ENOUGH_MEMORY
                : Codes.SW_WRONG_DATA);
            return end;
        }
        ram[VALUE] = at;
        ram[AT] = at;
        ram[MISSING] = len;
        return off;
    }

    /** Takes what the block has of a value; returns where it ends. */
    private short value(byte[] in, short off, short end) {
        short now = (short) (end - off);
        if (now > ram[MISSING]) {
            now = ram[MISSING];
        }
        ram[AT] = Util.arrayCopyNonAtomic(in, off, groups.bytes, ram[AT], now);
        ram[MISSING] = (short) (ram[MISSING] - now);
        if (ram[MISSING] == 0) {
            rules.checkValue(ram[VALUE]);
            groups.add(ram[VALUE]);
        }
        return (short) (off + now);
    }
}
