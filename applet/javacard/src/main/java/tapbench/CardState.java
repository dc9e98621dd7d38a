package tapbench;

/**
 * The layout of what isn't in a slot. CA, CERT_SE and pairing key stand in the order of
 * PERSONALISE's data, ID_U and PK_U in that of user-key, so that one copy writes them.
 */
final class CardState {
    static final short LIFE = 0;
    static final short SE_KEY = 1;
    static final short CA = (short) (SE_KEY + Wire.POINT_LEN);
    static final short CA_KEY = (short) (CA + Wire.PARTY_ID_LEN);
    static final short CERT = (short) (CA_KEY + Wire.POINT_LEN);
    static final short PAIRING = (short) (CERT + Wire.CERTIFICATE_LEN);
    static final short USER = (short) (PAIRING + Wire.KEY_LEN); // 01: there is one
    static final short USER_ID = (short) (USER + 1);
    static final short USER_KEY = (short) (USER_ID + Wire.USER_ID_LEN);
    static final short LEN = (short) (USER_KEY + Wire.POINT_LEN);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        1, Wire.POINT_LEN, Wire.PARTY_ID_LEN, Wire.POINT_LEN, (byte) Wire.CERTIFICATE_LEN,
        Wire.KEY_LEN, 1, Wire.USER_ID_LEN, Wire.POINT_LEN};

    private CardState() {
    }
}
