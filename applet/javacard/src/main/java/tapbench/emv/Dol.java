package tapbench.emv;

/** Data object lists: tags, each with the length of its value (EMV 4.3 Book 3, 5.4). */
final class Dol {
    /** What {@link #valuesLen} returns for what is no list. */
    static final short MALFORMED = -1;
    /** What {@link #find} returns for a value that no list asks for. */
    static final short NONE = -1;

    private static final byte NUMBER = 0x1F; // the tag goes on in further bytes
    private static final byte MORE = (byte) 0x80; // and in another one
    private static final byte LONGEST_TAG = 4;
    private static final short MOST = 255; // bytes of values

    private Dol() {
    }

    /** Returns how many bytes the values have together, or {@link #MALFORMED}. */
    static short valuesLen(byte[] list, short off, short len) {
        short stop = (short) (off + len);
        short values = 0;
        while (off < stop) {
            short tag = tagLen(list, off, stop);
            off = (short) (off + tag);
            if (tag == 0 || off == stop) {
                return MALFORMED;
            }
            values = (short) (values + (short) (list[off] & 0xFF));
            if (values > MOST) {
                return MALFORMED;
            }
            off++;
        }
        return values;
    }

    /**
     * Returns where among the values of a well-formed list that of a tag of one or two bytes begins,
     * the first that has any byte, or {@link #NONE}.
     */
    static short find(byte[] list, short off, short len, short tag) {
        short stop = (short) (off + len);
        short at = 0;
        while (off < stop) {
            short tagLen = tagLen(list, off, stop);
            short value = (short) (list[(short) (off + tagLen)] & 0xFF);
            if (value != 0 && isTag(list, off, tagLen, tag)) {
                return at;
            }
            at = (short) (at + value);
            off = (short) (off + tagLen + 1);
        }
        return NONE;
    }

    /** Says whether a well-formed list asks for a tag by this length wherever it does. */
    static boolean hasLength(byte[] list, short off, short len, short tag, short wanted) {
        short stop = (short) (off + len);
        while (off < stop) {
            short tagLen = tagLen(list, off, stop);
            short value = (short) (list[(short) (off + tagLen)] & 0xFF);
            if (value != wanted && isTag(list, off, tagLen, tag)) {
                return false;
            }
            off = (short) (off + tagLen + 1);
        }
        return true;
    }

    private static boolean isTag(byte[] list, short off, short len, short tag) {
        if ((byte) (tag >> 8) == 0) {
            return len == 1 && list[off] == (byte) tag;
        }
        return len == 2 && list[off] == (byte) (tag >> 8) && list[(short) (off + 1)] == (byte) tag;
    }

    /** Returns how many bytes a tag has, 1 to 4; 0: it is none. */
    private static short tagLen(byte[] list, short off, short stop) {
        if (list[off] == 0) {
            return 0;
        }
        if ((byte) (list[off] & NUMBER) != NUMBER) {
            return 1;
        }
        for (short n = 1; n < LONGEST_TAG; n++) {
            short at = (short) (off + n);
            if (at >= stop) {
                return 0;
            }
            if ((byte) (list[at] & MORE) == 0) {
                return (short) (n + 1);
            }
        }
        return 0;
    }
}
