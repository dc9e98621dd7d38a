package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands with which an element gets its identity, and its host proves itself. */
final class PersonaliseCommands {
    private static final short CA_LEN = (short) (Wire.PARTY_ID_LEN + Wire.POINT_LEN);
    static final short DATA_LEN = (short) (CA_LEN + Wire.CERTIFICATE_LEN + Wire.KEY_LEN);

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    PersonaliseCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /** GENERATE SE KEY (80 10, no data): makes SK_SE anew. Answer: PK_SE [65]. */
    short generateSEKey() {
        element.keys.make(Keys.FIRST, ram.buffer, (short) 0);
        state.begin();
        element.keys.take(Keys.FIRST, Keys.SE);
        Util.arrayCopy(ram.buffer, (short) 0, state.card, CardState.SE_KEY, Wire.POINT_LEN);
        state.commit();
        return Wire.POINT_LEN;
    }

    /**
     * PERSONALISE (80 12): ID_CA [8] || PK_CA [65] || CERT_SE [158] || pairing key [16]. No SE key
     * yet: 6985. Another certificate than the CA's over PK_SE: 6A80.
     */
    short personalise() {
        byte[] buffer = ram.buffer;
        byte[] card = state.card;
        if (card[CardState.SE_KEY] == 0) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        element.certificates.check(Wire.CERT_SE, buffer, (short) 0, buffer, CA_LEN);
        if (Util.arrayCompare(buffer, (short) (CA_LEN + Certificates.KEY), card,
            CardState.SE_KEY, Wire.POINT_LEN) != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        state.begin();
        state.write(buffer, (short) 0, card, CardState.FIELDS, CardState.CA, DATA_LEN);
        card[CardState.LIFE] = Wire.LIFE_CYCLE_PERSONALIZED;
        state.commit();
        Util.arrayFillNonAtomic(buffer, (short) 0, DATA_LEN, (byte) 0);
        return 0;
    }

    /** GET CHALLENGE (00 84, no data): a challenge [16], held until the next command. */
    short getChallenge() {
        byte[] session = ram.session;
        element.random(session, Transients.CHALLENGE, Wire.NONCE_LEN);
        session[Transients.HELD] = 1;
        return Util.arrayCopyNonAtomic(session, Transients.CHALLENGE, ram.buffer, (short) 0,
            Wire.NONCE_LEN);
    }

    /**
     * EXTERNAL AUTHENTICATE (00 82): MAC [16] by the pairing key over host-auth || label ||
     * challenge. No challenge: 6985. Wrong: 6982, and an earlier proof is void.
     */
    short externalAuthenticate() {
        byte[] session = ram.session;
        byte[] work = ram.work;
        if (session[Transients.HELD] == 0) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        SecureMessaging mac = element.channel;
        mac.setMacKey(state.card, CardState.PAIRING);
        mac.beginMac();
        short len = Transcript.prefix(Wire.MSG_HOST_AUTH, work, Transients.CONTEXT);
        mac.updateMac(work, Transients.CONTEXT, (short) (len - Transients.CONTEXT));
        mac.updateMac(session, Transients.CHALLENGE, Wire.NONCE_LEN);
        mac.finishMac();
        ram.dropChallenge();
        boolean right = mac.isMac(ram.buffer, (short) 0);
        session[Transients.PROVEN] = (byte) (right ? 1 : 0);
        if (!right) {
            ISOException.throwIt(Wire.SW_SECURITY_STATUS_NOT_SATISFIED);
        }
        return 0;
    }
}
