package tapbench;

import javacard.framework.Util;

/**
 * What the TSM signs of a token, as others see it: version 1 | issuer 8 | epoch 4 | unit 1 | units
 * 1 | PK_t 65 | w_0 32 | policy 12. It lies in {@link TokenSlot} in another order.
 */
final class Token {
    /** The length of the fields, without type and label. */
    static final short FIELDS_LEN = 124;

    private static final byte VERSION = 1;
    private static final short POLICY_LEN = (short) (TokenSlot.SIGNATURE - TokenSlot.POLICY);

    private Token() {
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
