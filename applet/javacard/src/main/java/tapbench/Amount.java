package tapbench;

import javacard.framework.Util;

/** Amounts in format n12: 6 bytes of two decimal digits each (EMV 4.3 Book 3, 4.3). */
final class Amount {
    private static final short LEN = Wire.AMOUNT_LEN;

    private Amount() {
    }

    /** Says whether all digits are decimal. */
    static boolean isBCD(byte[] amount, short off) {
        return isBCD(amount, off, LEN);
    }

    /** Says whether all digits of some bytes are decimal. */
    static boolean isBCD(byte[] digits, short off, short len) {
        for (short i = 0; i < len; i++) {
            byte pair = digits[(short) (off + i)];
            if ((short) ((pair >> 4) & 0x0F) > 9 || (short) (pair & 0x0F) > 9) {
                return false;
            }
        }
        return true;
    }

    /** Says whether it is nothing at all. */
    static boolean isZero(byte[] amount, short off) {
        byte all = 0;
        for (short i = 0; i < LEN; i++) {
            all |= amount[(short) (off + i)];
        }
        return all == 0;
    }

    /** Writes an amount as a limit: 8 bytes, binary. */
    static void toLimit(byte[] amount, short off, byte[] out, short to) {
        Util.arrayFillNonAtomic(out, to, Wire.LIMIT_LEN, (byte) 0);
        for (short i = 0; i < LEN; i++) {
            short pair = amount[(short) (off + i)];
            Unsigned.scale(out, to, Wire.LIMIT_LEN, (short) 100,
                (short) (((pair >> 4) & 0x0F) * 10 + (pair & 0x0F)));
        }
    }

    /** Adds an amount to another in place, and says whether the sum has 12 digits. */
    static boolean add(byte[] sum, short off, byte[] amount, short amountOff) {
        short carry = 0;
        for (short i = (short) (LEN - 1); i >= 0; i--) {
            short at = (short) (off + i);
            byte other = amount[(short) (amountOff + i)];
            short low = (short) ((sum[at] & 0x0F) + (other & 0x0F) + carry);
            carry = (short) (low > 9 ? 1 : 0);
            low = (short) (low - 10 * carry);
            short high = (short) (((sum[at] >> 4) & 0x0F) + ((other >> 4) & 0x0F) + carry);
            carry = (short) (high > 9 ? 1 : 0);
            high = (short) (high - 10 * carry);
            sum[at] = (byte) ((high << 4) | low);
        }
        return carry == 0;
    }
}
