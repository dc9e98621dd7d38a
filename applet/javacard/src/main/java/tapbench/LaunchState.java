package tapbench;

/** The layout of what unlocks the element: the attestation key of its phone, and the reference. */
final class LaunchState {
    static final short AK = 0; // zeros: none is bound
    static final short SOFTWARE = Wire.POINT_LEN; // its length first; 0: no reference is stored
    static final short PROGRAM = (short) (SOFTWARE + Wire.SOFTWARE_LEN);
    static final short POLICY = (short) (PROGRAM + Wire.HASH_LEN);
    static final short BANK = (short) (POLICY + 1); // who signed the reference, and its key
    static final short SIGN = (short) (BANK + Wire.PARTY_ID_LEN);
    static final short LEN = (short) (SIGN + Wire.POINT_LEN);

    /** The lengths of the fields, for {@link Persistent#write}. */
    static final byte[] FIELDS = {
        Wire.POINT_LEN, Wire.SOFTWARE_LEN, Wire.HASH_LEN, 1, Wire.PARTY_ID_LEN, Wire.POINT_LEN};

    private LaunchState() {
    }
}
