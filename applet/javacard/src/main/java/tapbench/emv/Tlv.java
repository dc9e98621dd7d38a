package tapbench.emv;

/** How data objects are written (EMV 4.3 Book 3, annex B). */
final class Tlv {
    private static final byte LONG_LENGTH = (byte) 0x81;
    private static final short LONGEST_SHORT = 127;

    private Tlv() {
    }

    /** Returns how many bytes the head of an object with a tag in one or two bytes has. */
    static short headLen(short tag, short len) {
        return (short) (((byte) (tag >> 8) != 0 ? 3 : 2) + (len > LONGEST_SHORT ? 1 : 0));
    }

    /** Writes a tag of one or two bytes and a length below 256, and returns where they end. */
    static short head(short tag, short len, byte[] out, short at) {
        if ((byte) (tag >> 8) != 0) {
            out[at++] = (byte) (tag >> 8);
        }
        out[at++] = (byte) tag;
        if (len > LONGEST_SHORT) {
            out[at++] = LONG_LENGTH;
        }
        out[at++] = (byte) len;
        return at;
    }
}
