package tapbench;

/** Unsigned numbers of some bytes, big-endian: those for which a card has no type. */
final class Unsigned {
    private Unsigned() {
    }

    /**
     * Multiplies a number by a factor from 1 to 127 and adds a term of at least 0, both in place.
     * What doesn't fit is lost.
     */
    static void scale(byte[] number, short off, short len, short factor, short term) {
        short carry = term;
        for (short i = (short) (off + len - 1); i >= off; i--) {
            carry = (short) ((number[i] & 0xFF) * factor + carry);
            number[i] = (byte) carry;
            carry = (short) ((carry >> 8) & 0xFF);
        }
    }

    /**
     * Says whether a number is below another of the same length. Util.arrayCompare isn't for that:
     * its specification doesn't say whether bytes have a sign.
     */
    static boolean isBelow(byte[] number, short off, byte[] other, short otherOff, short len) {
        for (short i = 0; i < len; i++) {
            short digit = (short) (number[(short) (off + i)] & 0xFF);
            short otherDigit = (short) (other[(short) (otherOff + i)] & 0xFF);
            if (digit != otherDigit) {
                return digit < otherDigit;
            }
        }
        return false;
    }

    /** Adds a number of the same length to another in place, and says whether the sum fits. */
    static boolean add(byte[] sum, short off, byte[] other, short otherOff, short len) {
        short carry = 0;
        for (short i = (short) (len - 1); i >= 0; i--) {
            short at = (short) (off + i);
            carry = (short) ((sum[at] & 0xFF) + (other[(short) (otherOff + i)] & 0xFF) + carry);
            sum[at] = (byte) carry;
            carry = (short) (carry >> 8);
        }
        return carry == 0;
    }
}
