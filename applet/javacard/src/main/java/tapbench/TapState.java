package tapbench;

/**
 * The layout of {@link Transients#tap}: one run of a payment application, the proof that a mutual
 * arming wants of the merchant, and what was exchanged against relays. Behind the merchant an
 * offline tap lies where an online one does.
 */
final class TapState {
    static final short STAGE = 0;
    static final short SLOT = 1; // of the card or token
    static final short TERMS = 2; // as in Arming: amount, currency, UN, merchant
    static final short CURRENCY = (short) (TERMS + Wire.AMOUNT_LEN);
    static final short UN = (short) (CURRENCY + Wire.CURRENCY_LEN);
    static final short MERCHANT = (short) (UN + Wire.UN_LEN);
    static final short DATE = (short) (TERMS + Arming.TERMS_LEN);
    static final short CDOL1 = (short) (DATE + Wire.DATE_LEN); // what the first GENERATE AC said
    static final short CDOL1_LEN = 45;
    static final short ARQC = (short) (CDOL1 + CDOL1_LEN); // and answered
    static final short WANTED = (short) (ARQC + Wire.CRYPTOGRAM_LEN); // the merchant's proof
    static final short GIVEN = (short) (WANTED + 1);
    static final short HELD = (short) (GIVEN + 1);
    static final short CHALLENGE = (short) (HELD + 1);
    static final short RELAY = (short) (CHALLENGE + Wire.NONCE_LEN); // the last exchange
    static final short RELAY_TRIES = (short) (RELAY + Wire.RELAY_LEN);
    static final short ENTROPY = (short) (RELAY_TRIES + 1); // one for each try
    static final short ENTROPIES_LEN = Wire.RELAY_TRIES * Wire.ENTROPY_LEN;
    static final short LEN = (short) (ENTROPY + ENTROPIES_LEN);

    // The offline one's: merchant, certificate and time lie as in TokenSlot.
    static final short CERTIFICATE = (short) (TERMS + Arming.TERMS_LEN); // its hash
    static final short TIME = (short) (CERTIFICATE + Wire.HASH_LEN); // the terminal's
    static final short STATED_LEN = (short) (Wire.MERCHANT_LEN + Wire.HASH_LEN + 4);
    static final short UNIT = (short) (TIME + 4); // of a metering commitment; 0: a payment
    static final short FROM = (short) (UNIT + 1); // the units that are offered
    static final short TO = (short) (FROM + 1);

    /** The stages of a tap: no GET PROCESSING OPTIONS yet, ... */
    static final byte NONE = 0;
    /** ... it was accepted, nothing was released, ... */
    static final byte OFFERED = 1;
    /** ... record 1 or 3 may have been read: the card or the units are spent, ... */
    static final byte RELEASED = 2;
    /** ... an ARQC was given, or what a token's key signed. */
    static final byte REQUESTED = 3;

    private TapState() {
    }
}
