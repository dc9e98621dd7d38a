package tapbench;

import javacard.framework.Util;

/**
 * What the TSM signs of a token, as others see it: version 1 | issuer 8 | epoch 4 | unit 1 | units
 * 1 | PK_t 65 | w_0 32 | policy 12. It lies in {@link TokenSlot} in another order.
 */
final class Token {
    /** The length of the fields, without type and label. */
    static final short FIELDS_LEN = 124;

    static final byte VERSION = 1;

    private static final byte CENTS = 1;
    private static final byte FIVES = 5;
    private static final byte FIFTIES = 50;
    private static final short POLICY_LEN = (short) (TokenSlot.SIGNATURE - TokenSlot.POLICY);

    private Token() {
    }

    /** Says whether a byte is a unit class, in minor units. */
    static boolean isUnit(byte unit) {
        return unit == CENTS || unit == FIVES || unit == FIFTIES;
    }

    /**
     * Says whether the token in a slot may pay under an arming's conditions: one that was never
     * shown, or if the wallet lets it, one with units left.
     */
    static boolean pays(byte[] slot, byte conditions) {
        if (slot[TokenSlot.STATE] == Wire.TOKEN_READY) {
            return true;
        }
        return slot[TokenSlot.STATE] == Wire.TOKEN_USED
            && (byte) (conditions & Wire.ARM_REUSE) != 0
            && slot[TokenSlot.KIND] == Wire.TOKEN_SPEND
            && (short) (slot[TokenSlot.INDEX] & 0xFF) < (short) (slot[TokenSlot.UNITS] & 0xFF);
    }

    /** Says whether a token's last epoch is over by the CA's word, as its account has it. */
    static boolean isExpired(byte[] slot, byte[] tid) {
        return tid[TidSlot.HAS_TIME] != 0 && Unsigned.isBelow(slot, TokenSlot.EPOCH, tid,
            TidSlot.TIME, Wire.EPOCH_LEN);
    }

    /**
     * Returns where in a slot the unit lies behind which the token is closed: what was given out,
     * of a metering commitment only what was shown.
     */
    static short end(byte[] slot) {
        return slot[TokenSlot.KIND] == Wire.TOKEN_METER ? TokenSlot.TICKS : TokenSlot.INDEX;
    }

    /** Writes the fields of the token in a slot, and returns where they end. */
    static short write(byte[] slot, byte[] out, short off) {
        out[off] = VERSION;
        short at = Util.arrayCopyNonAtomic(slot, TokenSlot.ISSUER, out, (short) (off + 1),
            (short) (Wire.PARTY_ID_LEN + Wire.EPOCH_LEN));
        at = Util.arrayCopyNonAtomic(slot, TokenSlot.UNIT, out, at, (short) 2);
        at = Util.arrayCopyNonAtomic(slot, TokenSlot.KEY, out, at, Wire.POINT_LEN);
        at = Util.arrayCopyNonAtomic(slot, TokenSlot.VALUE, out, at, Wire.HASH_LEN);
        return Util.arrayCopyNonAtomic(slot, TokenSlot.POLICY, out, at, POLICY_LEN);
    }

    /** Writes type, label and fields: what is hashed to tokID and signed by the TSM [135]. */
    static short writeSigned(byte[] slot, byte[] out, short off) {
        return write(slot, out, Transcript.prefix(Wire.SIG_TOKEN, out, off));
    }
}
