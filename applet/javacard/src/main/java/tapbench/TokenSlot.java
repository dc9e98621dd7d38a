package tapbench;

/**
 * The layout of an offline token's slot. What TOKEN PUT brings lies together in the token's own
 * order. The private key lies here, and is loaded into a spare key object to sign.
 */
final class TokenSlot {
    static final short STATE = 0;
    static final short TID = 1; // the TSM account's slot
    static final short UNIT = 2; // minor units
    static final short UNITS = 3; // how many: n
    static final short KIND = 4;
    static final short INDEX = 5; // the first unit that isn't given out
    static final short TICKS = 6; // the last unit of a metering commitment that was shown
    static final short TAPS = 7; // payments
    static final short PRIVATE = 8; // SK_t's scalar
    static final short KEY = (short) (PRIVATE + Curve.SCALAR_LEN);
    // The chain: w_n, w_{n-9} and so on, and what the next step begins with: w_left; w_0 at last.
    static final short CHECKPOINTS = (short) (KEY + Wire.POINT_LEN);
    static final short LEFT = (short) (CHECKPOINTS + Wire.CHECKPOINTS * Wire.HASH_LEN);
    static final short VALUE = (short) (LEFT + 1);
    // What the TSM gave.
    static final short TH = (short) (VALUE + Wire.HASH_LEN); // th_1 of the last request
    static final short ISSUER = (short) (TH + Wire.HASH_LEN);
    static final short EPOCH = (short) (ISSUER + Wire.PARTY_ID_LEN);
    static final short POLICY = (short) (EPOCH + Wire.EPOCH_LEN);
    static final short CURRENCY = POLICY;
    static final short PER_TAP = (short) (CURRENCY + Wire.CURRENCY_LEN);
    static final short PER_TOKEN = (short) (PER_TAP + 2);
    static final short OFFLINE = (short) (PER_TOKEN + 2);
    static final short MAX_TAPS = (short) (OFFLINE + 4);
    static final short GRACE = (short) (MAX_TAPS + 1);
    static final short SIGNATURE = (short) (GRACE + 1);
    // The last statement, what was signed of it and what came back.
    static final short STATEMENT = (short) (SIGNATURE + Wire.SIGNATURE_LEN);
    static final short FROM = STATEMENT;
    static final short TO = (short) (FROM + 1);
    static final short AMOUNT = (short) (TO + 1);
    static final short MERCHANT = (short) (AMOUNT + Wire.AMOUNT_LEN);
    static final short CERTIFICATE = (short) (MERCHANT + Wire.MERCHANT_LEN); // its hash
    static final short TIME = (short) (CERTIFICATE + Wire.HASH_LEN);
    static final short UN = (short) (TIME + 4);
    static final short RELAY = (short) (UN + Wire.UN_LEN); // what was exchanged against relays
    static final short SIGMA = (short) (RELAY + Wire.RELAY_LEN); // SK_t's; zero: none yet
    static final short RECEIPT = (short) (SIGMA + Wire.SIGNATURE_LEN); // SK_M's; zero: none
    static final short CLOSING = (short) (RECEIPT + Wire.SIGNATURE_LEN); // SK_t's; zero: none
    static final short LEN = (short) (CLOSING + Wire.SIGNATURE_LEN);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        1, 1, 1, 1, 1, 1, 1, 1, Curve.SCALAR_LEN, Wire.POINT_LEN,
        Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN,
        Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN,
        Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN,
        Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN,
        Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN, Wire.HASH_LEN,
        1, Wire.HASH_LEN, Wire.HASH_LEN, Wire.PARTY_ID_LEN, Wire.EPOCH_LEN,
        Wire.CURRENCY_LEN, 2, 2, 4, 1, 1, Wire.SIGNATURE_LEN,
        1, 1, Wire.AMOUNT_LEN, Wire.MERCHANT_LEN, Wire.HASH_LEN, 4, Wire.UN_LEN,
        Wire.RELAY_LEN, Wire.SIGNATURE_LEN, Wire.SIGNATURE_LEN, Wire.SIGNATURE_LEN};

    private TokenSlot() {
    }
}
