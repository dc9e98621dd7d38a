package tapbench;

/**
 * The layout of {@link Transients#tap}: one run of the payment application, and the proof that a
 * mutual arming wants of the merchant.
 */
final class TapState {
    static final short STAGE = 0;
    static final short CARD = 1; // its slot
    static final short TERMS = 2; // as in Arming: amount, currency, UN, merchant
    static final short UN = (short) (TERMS + Wire.AMOUNT_LEN + Wire.CURRENCY_LEN);
    static final short MERCHANT = (short) (UN + Wire.UN_LEN);
    static final short DATE = (short) (TERMS + Arming.TERMS_LEN);
    static final short CDOL1 = (short) (DATE + Wire.DATE_LEN); // what the first GENERATE AC said
    static final short CDOL1_LEN = 45;
    static final short ARQC = (short) (CDOL1 + CDOL1_LEN); // and answered
    static final short WANTED = (short) (ARQC + Wire.CRYPTOGRAM_LEN); // the merchant's proof
    static final short GIVEN = (short) (WANTED + 1);
    static final short HELD = (short) (GIVEN + 1);
    static final short CHALLENGE = (short) (HELD + 1);
    static final short LEN = (short) (CHALLENGE + Wire.NONCE_LEN);

    /** The stages of a tap: no GET PROCESSING OPTIONS yet, ... */
    static final byte NONE = 0;
    /** ... it was accepted, nothing was released, ... */
    static final byte OFFERED = 1;
    /** ... record 1 or 3 may have been read: the card is spent, ... */
    static final byte RELEASED = 2;
    /** ... an ARQC was given. */
    static final byte REQUESTED = 3;

    private TapState() {
    }
}
