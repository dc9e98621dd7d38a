package tapbench;

/** The layout of a virtual card's slot. What CARD PUT brings lies together. */
final class CardSlot {
    static final short STATE = 0;
    static final short TID = 1; // the TSM account's slot
    static final short KEY = 2;
    static final short TH = (short) (KEY + Wire.POINT_LEN);
    static final short PAN = (short) (TH + Wire.HASH_LEN);
    static final short EXPIRATION = (short) (PAN + Wire.PAN_LEN);
    static final short SEQUENCE = (short) (EXPIRATION + Wire.DATE_LEN);
    static final short CLASS = (short) (SEQUENCE + 1); // limit, currency, expiry, kind
    static final short LIMIT = CLASS;
    static final short CURRENCY = (short) (LIMIT + Wire.AMOUNT_LEN);
    static final short KIND = (short) (CLASS + Wire.CLASS_LEN - 1);
    static final short SIGNATURE = (short) (CLASS + Wire.CLASS_LEN);
    static final short MASTER_KEY = (short) (SIGNATURE + Wire.SIGNATURE_LEN);
    static final short ATC = (short) (MASTER_KEY + Wire.KEY_LEN);
    static final short TOTAL = (short) (ATC + Wire.ATC_LEN); // n12
    static final short LEN = (short) (TOTAL + Wire.AMOUNT_LEN);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        1, 1, Wire.POINT_LEN, Wire.HASH_LEN, Wire.PAN_LEN, Wire.DATE_LEN, 1, Wire.AMOUNT_LEN,
        Wire.CURRENCY_LEN, Wire.EPOCH_LEN, 1, Wire.SIGNATURE_LEN, Wire.KEY_LEN, Wire.ATC_LEN,
        Wire.AMOUNT_LEN};

    private CardSlot() {
    }
}
