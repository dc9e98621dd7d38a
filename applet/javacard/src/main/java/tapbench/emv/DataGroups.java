package tapbench.emv;

import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * What a card was personalised with: its data groupings, one behind the other, DGI [2] || length [2]
 * || value. They count from the moment at which {@link #close} writes where they end; until then
 * they are a draft whose end is known in RAM alone, so that a personalisation that breaks off leaves
 * nothing.
 */
final class DataGroups {
    /** What {@link #find} returns for a grouping that isn't there. */
    static final short NONE = -1;

    private static final short ID = 0;
    private static final short LENGTH = 2;
    private static final short HEAD_LEN = 4;
    private static final short END_LEN = 2;

    private static final byte DRAFT_END = 0;
    private static final byte DRAFT_LEN = 1;

    final byte[] bytes;

    /** Where the groupings end [2]; 0: the card isn't personalised. */
    final byte[] end;

    private final short[] draft;

    DataGroups(short room) {
        bytes = new byte[room];
        end = new byte[END_LEN];
        draft = JCSystem.makeTransientShortArray(DRAFT_LEN, JCSystem.CLEAR_ON_DESELECT);
    }

    /** Says whether the card is personalised. */
    boolean areClosed() {
        return Util.getShort(end, (short) 0) != 0;
    }

    /** Returns where the value of a grouping begins, or {@link #NONE}. */
    short find(short id) {
        short stop = areClosed() ? Util.getShort(end, (short) 0) : draft[DRAFT_END];
        for (short at = 0; at < stop;) {
            short value = (short) (at + HEAD_LEN);
            if (Util.getShort(bytes, (short) (at + ID)) == id) {
                return value;
            }
            at = (short) (value + length(value));
        }
        return NONE;
    }

    /** Says whether there is a record of a file. */
    boolean hasFile(short file) {
        short stop = Util.getShort(end, (short) 0);
        for (short at = 0; at < stop;) {
            if ((short) (bytes[at] & 0xFF) == file) {
                return true;
            }
            at = (short) (at + HEAD_LEN + length((short) (at + HEAD_LEN)));
        }
        return false;
    }

    /** Returns the length of a value that was found. */
    short length(short value) {
        return Util.getShort(bytes, (short) (value - HEAD_LEN + LENGTH));
    }

    /** Returns whose value begins there. */
    short id(short value) {
        return Util.getShort(bytes, (short) (value - HEAD_LEN + ID));
    }

    /** Begins a draft anew. */
    void clear() {
        draft[DRAFT_END] = 0;
    }

    /** Returns where the value of a grouping of so many bytes is to be written; NONE: no room. */
    short open(short id, short len) {
        short value = (short) (draft[DRAFT_END] + HEAD_LEN);
        if (len < 0 || len > (short) (bytes.length - value)) {
            return NONE;
        }
        Util.setShort(bytes, (short) (draft[DRAFT_END] + ID), id);
        Util.setShort(bytes, (short) (draft[DRAFT_END] + LENGTH), len);
        return value;
    }

    /** Takes the grouping that was opened into the draft. */
    void add(short value) {
        draft[DRAFT_END] = (short) (value + length(value));
    }

    /** Makes the draft what the card is personalised with; out is a place in RAM [2]. */
    void close(byte[] out, short off) {
        Util.setShort(out, off, draft[DRAFT_END]);
        Util.arrayCopy(out, off, end, (short) 0, END_LEN);
    }
}
