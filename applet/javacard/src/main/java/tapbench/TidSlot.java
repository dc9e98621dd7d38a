package tapbench;

/** The layout of a TSM account's slot. What one command writes lies together. */
final class TidSlot {
    static final short STATE = 0;
    static final short BANK = 1; // the bank slot that funds it
    static final short ID = 2;
    static final short SIGN = (short) (ID + Wire.PARTY_ID_LEN); // the TSM's key
    static final short SESSION = (short) (SIGN + Wire.POINT_LEN);
    static final short NONCE_TSM = (short) (SESSION + Wire.SESSION_ID_LEN);
    static final short NONCE_BANK = (short) (NONCE_TSM + Wire.NONCE_LEN);
    static final short NONCE_SE = (short) (NONCE_BANK + Wire.NONCE_LEN);
    static final short RHO = (short) (NONCE_SE + Wire.NONCE_LEN);
    static final short LIMIT = (short) (RHO + Wire.HASH_LEN);
    static final short EXPIRY = (short) (LIMIT + Wire.LIMIT_LEN);
    static final short SIGN_KEY = (short) (EXPIRY + Wire.EPOCH_LEN); // the account's keys
    static final short KEM_KEY = (short) (SIGN_KEY + Wire.POINT_LEN);
    static final short TH = (short) (KEM_KEY + Wire.POINT_LEN);
    static final short TO_TSM = (short) (TH + Wire.HASH_LEN); // channel keys
    static final short TO_SE = (short) (TO_TSM + 2 * Wire.KEY_LEN);
    static final short SENT = (short) (TO_SE + 2 * Wire.KEY_LEN); // the next counter
    static final short RECEIVED = (short) (SENT + Wire.COUNTER_LEN); // the next that is accepted
    static final short HAS_EPOCH = (short) (RECEIVED + Wire.COUNTER_LEN);
    static final short EPOCH_KEY = (short) (HAS_EPOCH + 1);
    static final short HAS_TIME = (short) (EPOCH_KEY + Wire.POINT_LEN);
    static final short TIME = (short) (HAS_TIME + 1); // the CA's last word for the current epoch
    static final short OFFLINE = (short) (TIME + Wire.EPOCH_LEN); // minor units paid by tokens
    static final short LEN = (short) (OFFLINE + 4);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        1, 1, Wire.PARTY_ID_LEN, Wire.POINT_LEN, Wire.SESSION_ID_LEN, Wire.NONCE_LEN,
        Wire.NONCE_LEN, Wire.NONCE_LEN, Wire.HASH_LEN, Wire.LIMIT_LEN, Wire.EPOCH_LEN,
        Wire.POINT_LEN, Wire.POINT_LEN, Wire.HASH_LEN, 2 * Wire.KEY_LEN, 2 * Wire.KEY_LEN,
        Wire.COUNTER_LEN, Wire.COUNTER_LEN, 1, Wire.POINT_LEN, 1, Wire.EPOCH_LEN, 4};

    private TidSlot() {
    }
}
