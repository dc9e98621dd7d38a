package tapbench.emv;

/** Decimal numbers, two digits a byte. */
final class Bcd {
    private static final byte DIGIT = 0x0F;

    private Bcd() {
    }

    /** Says whether all bytes are two decimal digits. */
    static boolean areDigits(byte[] in, short off, short len) {
        for (short i = 0; i < len; i++) {
            byte b = in[(short) (off + i)];
            if ((byte) (b & DIGIT) > 9 || (byte) ((b >> 4) & DIGIT) > 9) {
                return false;
            }
        }
        return true;
    }

    /** Adds a number to another one of the same length, and returns what is carried: 0 or 1. */
    static byte add(byte[] to, short off, byte[] in, short inOff, short len) {
        byte carry = 0;
        for (short i = (short) (len - 1); i >= 0; i--) {
            byte a = to[(short) (off + i)];
            byte b = in[(short) (inOff + i)];
            byte low = (byte) ((byte) (a & DIGIT) + (byte) (b & DIGIT) + carry);
            carry = (byte) (low > 9 ? 1 : 0);
            byte high = (byte) ((byte) ((a >> 4) & DIGIT) + (byte) ((b >> 4) & DIGIT) + carry);
            low = (byte) (low > 9 ? low - 10 : low);
            carry = (byte) (high > 9 ? 1 : 0);
            high = (byte) (high > 9 ? high - 10 : high);
            to[(short) (off + i)] = (byte) ((byte) (high << 4) | low);
        }
        return carry;
    }

    /** Says whether a number is below another one of the same length. */
    static boolean isBelow(byte[] a, short aOff, byte[] b, short bOff, short len) {
        for (short i = 0; i < len; i++) {
            short left = (short) (a[(short) (aOff + i)] & 0xFF);
            short right = (short) (b[(short) (bOff + i)] & 0xFF);
            if (left != right) {
                return left < right;
            }
        }
        return false;
    }
}
