package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands of phases 0 and 1: the user, and the user's banks. */
final class UserCommands {
    private static final byte PHASE_0 = 0;
    private static final byte PHASE_1 = 1;

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    UserCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * CREATE USER (80 14): ID_U [16]; makes SK_U anew. A bank slot is in use: 6985. Answer: PK_U
     * [65] || user-key [64].
     */
    short createUser() {
        for (short i = 0; i < Wire.BANK_SLOTS; i++) {
            if (state.bank(i)[BankSlot.STATE] != Wire.ACCOUNT_EMPTY) {
                ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
                return 0;
            }
        }
        byte[] buffer = ram.buffer;
        byte[] card = state.card;
        short key = Wire.USER_ID_LEN;
        short sig = (short) (key + Wire.POINT_LEN);
        element.keys.make(Keys.FIRST, buffer, key);
        element.transcript.begin(PHASE_0, Wire.ROLE_CA, card, CardState.CA);
        Signing signing = element.signing;
        signing.begin(element.keys.get(Keys.SE), Wire.MSG_USER_KEY);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(card, CardState.CA, Wire.PARTY_ID_LEN);
        signing.update(buffer, (short) 0, Wire.USER_ID_LEN);
        signing.update(card, CardState.SE_KEY, Wire.POINT_LEN);
        signing.update(buffer, key, Wire.POINT_LEN);
        signing.sign(buffer, sig);
        state.begin();
        element.keys.take(Keys.FIRST, Keys.USER);
        state.set(card, CardState.USER, (byte) 1);
        state.write(buffer, (short) 0, card, CardState.FIELDS, CardState.USER_ID, sig);
        state.commit();
        return Util.arrayCopyNonAtomic(buffer, key, buffer, (short) 0,
            (short) (Wire.POINT_LEN + Wire.SIGNATURE_LEN));
    }

    /**
     * OPEN ACCOUNT (80 16, bank slot): CERT_B,sign [158] || CERT_B,kem [158]. No user, or the slot
     * GRANTED: 6985. Empties the slot and agrees K_B,U. Answer: enc [65].
     */
    short openAccount(byte slot) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        byte before = bank[BankSlot.STATE];
        if (state.card[CardState.USER] == 0 || before == Wire.ACCOUNT_GRANTED) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        element.certificates.checkParty(Wire.CERT_BANK_SIGN, Wire.CERT_BANK_KEM, state.card,
            CardState.CA, buffer, (short) 0);
        short kem = (short) (Wire.CERTIFICATE_LEN + Certificates.KEY);
        short enc = (short) (2 * Wire.CERTIFICATE_LEN);
        element.envelope.agree(buffer, kem, enc);
        element.transcript.begin(PHASE_1, Wire.ROLE_BANK, buffer, Certificates.SUBJECT);
        element.transcript.next(buffer, enc, Wire.POINT_LEN);
        state.begin();
        state.set(bank, BankSlot.STATE, Wire.ACCOUNT_OPEN);
        state.set(buffer, Certificates.SUBJECT, bank, BankSlot.ID, Wire.PARTY_ID_LEN);
        state.set(buffer, Certificates.KEY, bank, BankSlot.SIGN, Wire.POINT_LEN);
        state.set(buffer, kem, bank, BankSlot.KEM, Wire.POINT_LEN);
        Util.arrayCopy(ram.work, Transients.KEYS, bank, BankSlot.SHARED, Wire.SHARED_KEY_LEN);
        Util.arrayCopy(ram.work, Transients.TH, bank, BankSlot.TH, Wire.HASH_LEN);
        if (bank[BankSlot.SIGN_KEY] != 0) { // the next pairs are made over these keys
            element.keys.take(Keys.FIRST, (short) (Keys.BANK_SIGN + slot));
            element.keys.take(Keys.SECOND, (short) (Keys.BANK_KEM + slot));
        }
        if (before != Wire.ACCOUNT_EMPTY) {
            state.clear(bank, BankSlot.FIELDS, BankSlot.ACCOUNT,
                (short) (BankSlot.LEN - BankSlot.ACCOUNT));
        }
        state.commit();
        return Util.arrayCopyNonAtomic(buffer, enc, buffer, (short) 0, Wire.POINT_LEN);
    }

    /**
     * BIND AK (80 18, bank slot): PK_AK [65]. Slot not OPEN: 6985. Another one while a reference is
     * stored: 6A80. Answer: ak-bind [64].
     */
    short bindAK(byte slot) {
        byte[] bank = state.bank(slot);
        byte[] buffer = ram.buffer;
        byte[] launch = state.launch;
        if (bank[BankSlot.STATE] != Wire.ACCOUNT_OPEN) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        boolean same = Util.arrayCompare(buffer, (short) 0, launch, LaunchState.AK,
            Wire.POINT_LEN) == 0;
        if (!Certificates.isPoint(buffer, (short) 0)
            || launch[LaunchState.SOFTWARE] != 0 && !same) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Signing signing = element.signing;
        signing.begin(element.keys.get(Keys.SE), Wire.MSG_AK_BIND);
        signing.update(bank, BankSlot.TH, Wire.HASH_LEN);
        signing.update(bank, BankSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(state.card, CardState.SE_KEY, Wire.POINT_LEN);
        signing.update(buffer, (short) 0, Wire.POINT_LEN);
        signing.sign(buffer, Wire.POINT_LEN);
        state.begin();
        state.set(buffer, (short) 0, launch, LaunchState.AK, Wire.POINT_LEN);
        state.commit();
        return Util.arrayCopyNonAtomic(buffer, Wire.POINT_LEN, buffer, (short) 0,
            Wire.SIGNATURE_LEN);
    }
}
