package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands with which a bank says which program unlocks the element, and a program does. */
final class LaunchCommands {
    private static final byte PHASE_1 = 1;
    private static final short PROGRAM_LEN = (short) (Wire.SOFTWARE_LEN + Wire.HASH_LEN);
    static final short REFERENCE_LEN = (short) (PROGRAM_LEN + 1 + Wire.SIGNATURE_LEN);
    private static final short QUOTE_LEN = (short) (Wire.ATTEST_LEN + Wire.SIGNATURE_LEN);

    private final Element element;
    private final Transients ram;
    private final Persistent state;
    private final Quote quote;

    LaunchCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
        quote = new Quote(element);
    }

    /**
     * PUT REFERENCE (80 1A, bank slot): software id [65] || digest [32] || policy [1] || signature
     * [64]. Slot EMPTY, no PK_AK or no challenge: 6985. Takes a launch back.
     */
    short putReference(byte slot) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        byte[] launch = state.launch;
        boolean held = takeChallenge();
        if (bank[BankSlot.STATE] == Wire.ACCOUNT_EMPTY || launch[LaunchState.AK] == 0 || !held) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        if (!isSoftware(buffer) || (short) (buffer[PROGRAM_LEN] & 0xFF) > Wire.LAUNCH_BANK) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        short covered = (short) (PROGRAM_LEN + 1);
        beginCheck(Wire.MSG_REFERENCE, bank, BankSlot.ID);
        element.signing.update(buffer, (short) 0, covered);
        element.signing.check(buffer, covered);
        state.begin();
        state.write(buffer, (short) 0, launch, LaunchState.FIELDS, LaunchState.SOFTWARE, covered);
        state.write(bank, BankSlot.ID, launch, LaunchState.FIELDS, LaunchState.BANK,
            (short) (Wire.PARTY_ID_LEN + Wire.POINT_LEN));
        state.commit();
        ram.session[Transients.LAUNCHED] = 0;
        return 0;
    }

    /** Says whether LAUNCH's data have the length that belongs to a policy. */
    static boolean isLength(byte policy, short len) {
        return len == (policy == Wire.LAUNCH_BANK ? Wire.SIGNATURE_LEN : QUOTE_LEN);
    }

    /**
     * LAUNCH (80 1C, P1 policy): 00 TPMS_ATTEST [145] || signature [64], or 01 launch-consent [64].
     * No reference of that policy, or no challenge: 6985. Wrong: 6A80, and an earlier launch is
     * void.
     */
    short launch(byte policy) {
        byte[] launch = state.launch;
        byte[] session = ram.session;
        boolean held = takeChallenge();
        if (launch[LaunchState.SOFTWARE] == 0 || launch[LaunchState.POLICY] != policy || !held) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        session[Transients.LAUNCHED] = 0;
        if (policy == Wire.LAUNCH_BANK) {
            beginCheck(Wire.MSG_LAUNCH_CONSENT, launch, LaunchState.BANK);
            element.signing.update(launch, LaunchState.SOFTWARE, PROGRAM_LEN);
            element.signing.check(ram.buffer, (short) 0);
        } else {
            quote.check(ram.buffer, (short) 0);
        }
        session[Transients.LAUNCHED] = 1;
        return 0;
    }

    /** Takes the challenge to {@link Transients#KEYS}, and says whether one was held. */
    private boolean takeChallenge() {
        byte[] session = ram.session;
        boolean held = session[Transients.HELD] != 0;
        Util.arrayCopyNonAtomic(session, Transients.CHALLENGE, ram.work, Transients.NONCE,
            Wire.NONCE_LEN);
        ram.dropChallenge();
        return held;
    }

    /**
     * Begins a check by a bank whose ID [8] || key [65] are given: th_0 || ID_B || PK_SE || PK_AK
     * || challenge.
     */
    private void beginCheck(byte type, byte[] bank, short off) {
        Signing signing = element.signing;
        element.transcript.begin(PHASE_1, Wire.ROLE_BANK, bank, off);
        signing.begin(bank, (short) (off + Wire.PARTY_ID_LEN), type);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(bank, off, Wire.PARTY_ID_LEN);
        signing.update(state.card, CardState.SE_KEY, Wire.POINT_LEN);
        signing.update(state.launch, LaunchState.AK, Wire.POINT_LEN);
        signing.update(ram.work, Transients.NONCE, Wire.NONCE_LEN);
    }

    /** A software id is its length, 1 to 64, so many bytes, and zeros. */
    private static boolean isSoftware(byte[] buffer) {
        short len = buffer[0];
        if (len < 1 || len >= Wire.SOFTWARE_LEN) {
            return false;
        }
        byte rest = 0;
        for (short i = (short) (len + 1); i < Wire.SOFTWARE_LEN; i++) {
            rest |= buffer[i];
        }
        return rest == 0;
    }
}
