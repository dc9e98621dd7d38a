package tapbench;

/** The layout of a bank account's slot. What one command writes lies together. */
final class BankSlot {
    static final short STATE = 0;
    static final short ID = 1;
    static final short SIGN = (short) (ID + Wire.PARTY_ID_LEN); // the bank's keys
    static final short KEM = (short) (SIGN + Wire.POINT_LEN);
    static final short SHARED = (short) (KEM + Wire.POINT_LEN); // K_B,U
    static final short TH = (short) (SHARED + Wire.SHARED_KEY_LEN);
    static final short ACCOUNT = (short) (TH + Wire.HASH_LEN);
    static final short NONCE = (short) (ACCOUNT + Wire.ACCOUNT_ID_LEN); // n_B
    static final short LIMIT = (short) (NONCE + Wire.NONCE_LEN);
    static final short EXPIRY = (short) (LIMIT + Wire.LIMIT_LEN);
    static final short SIGN_KEY = (short) (EXPIRY + Wire.EPOCH_LEN); // the account's keys
    static final short KEM_KEY = (short) (SIGN_KEY + Wire.POINT_LEN);
    static final short CERTIFICATE = (short) (KEM_KEY + Wire.POINT_LEN); // CERT_AID^B's signature
    static final short TO_BANK = (short) (CERTIFICATE + Wire.SIGNATURE_LEN); // channel keys
    static final short TO_SE = (short) (TO_BANK + 2 * Wire.KEY_LEN);
    static final short SENT = (short) (TO_SE + 2 * Wire.KEY_LEN); // the next counter
    static final short LEN = (short) (SENT + Wire.COUNTER_LEN);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        1, Wire.PARTY_ID_LEN, Wire.POINT_LEN, Wire.POINT_LEN, Wire.SHARED_KEY_LEN, Wire.HASH_LEN,
        Wire.ACCOUNT_ID_LEN, Wire.NONCE_LEN, Wire.LIMIT_LEN, Wire.EPOCH_LEN, Wire.POINT_LEN,
        Wire.POINT_LEN, Wire.SIGNATURE_LEN, 2 * Wire.KEY_LEN, 2 * Wire.KEY_LEN, Wire.COUNTER_LEN};

    private BankSlot() {
    }
}
