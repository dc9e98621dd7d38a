package tapbench;

/** The layout of the wallet's consent to one tap. */
final class Arming {
    static final short STATE = 0;
    static final short CAP = 1; // n12
    static final short CURRENCY = (short) (CAP + Wire.AMOUNT_LEN);
    static final short CONDITIONS = (short) (CURRENCY + Wire.CURRENCY_LEN);
    static final short TARGET = (short) (CONDITIONS + 1); // what a tap has released
    static final short SLOT = (short) (TARGET + 1);
    static final short TRIES = (short) (SLOT + 1);
    static final short TERMS = (short) (TRIES + 1); // amount, currency, UN, merchant
    static final short TERMS_LEN = (short) (Wire.AMOUNT_LEN + Wire.CURRENCY_LEN + Wire.UN_LEN
        + Wire.MERCHANT_LEN);
    static final short LEN = (short) (TERMS + TERMS_LEN);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        1, Wire.AMOUNT_LEN, Wire.CURRENCY_LEN, 1, 1, 1, 1, Wire.AMOUNT_LEN, Wire.CURRENCY_LEN,
        Wire.UN_LEN, Wire.MERCHANT_LEN};

    /** Says whether a tap is bound to a slot of a target. */
    static boolean isBoundTo(byte[] arming, byte target, byte slot) {
        return arming[STATE] == Wire.ARM_BOUND && arming[TARGET] == target
            && arming[SLOT] == slot;
    }

    private Arming() {
    }
}
