package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** GENERATE AC of the payment application (EMV 4.3 Book 3, 6.5.5; cryptograms: PROTOCOL.md). */
final class CryptogramCommand {
    private static final short CDOL1_LEN = TapState.CDOL1_LEN;
    private static final short CDOL2_LEN = 19;

    /** Where CDOL1 data's fields lie; the merchant is the last. */
    private static final short CURRENCY = 19;
    private static final short DATE = (short) (CURRENCY + Wire.CURRENCY_LEN);
    private static final short UN = (short) (DATE + Wire.DATE_LEN + 1);
    private static final short MERCHANT = (short) (CDOL1_LEN - Wire.MERCHANT_LEN);

    /** And CDOL2 data's: ARPC [4] || CSU [4]. */
    private static final short ARPC = 2;
    private static final short ARPC_LEN = 4;
    private static final short CSU = (short) (ARPC + ARPC_LEN);
    private static final short CSU_LEN = 4;
    private static final byte APPROVES = (byte) 0x80; // in its second byte

    /** What precedes the four bytes of the CVR in the IAD, of which only the first is used. */
    private static final short IAD_LEN = 7;
    private static final short CVR = 3;
    private static final byte[] IAD = {0x06, 0x01, 0x54, 0, 0, 0, 0};
    private static final byte RIGHT = (byte) 0x80;
    private static final byte WRONG = 0x40;

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    CryptogramCommand(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /** Refuses what isn't a type of cryptogram, 6A86. */
    static void checkParameters(byte p1, byte p2) {
        if (p2 != 0 || p1 != Wire.P1_ARQC && p1 != Wire.P1_TC && p1 != Wire.P1_AAC) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
        }
    }

    /** Says whether data have the length of CDOL1's or CDOL2's. */
    static boolean isLength(short len) {
        return len == CDOL1_LEN || len == CDOL2_LEN;
    }

    /**
     * GENERATE AC (80 AE, P1 80, 40 or 00): CDOL1 data [45] or CDOL2 data [19]. The one isn't due:
     * 6985. Answer: 77 { 9F27, 9F36, 9F26, 9F10 [, DF23] }.
     */
    short generate(byte p1, short len) {
        byte stage = ram.tap[TapState.STAGE];
        if (len == CDOL1_LEN && stage == TapState.RELEASED) {
            return first(p1);
        }
        if (len == CDOL2_LEN && stage == TapState.REQUESTED && p1 != Wire.P1_ARQC) {
            return second(p1);
        }
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }

    /** Answers an ARQC with the card key's signature, or an AAC, which ends the tap. */
    private short first(byte p1) {
        byte[] buffer = ram.buffer;
        byte[] tap = ram.tap;
        short currency = (short) (TapState.TERMS + Wire.AMOUNT_LEN);
        if (!said((short) 0, TapState.TERMS, Wire.AMOUNT_LEN)
            || !said(CURRENCY, currency, Wire.CURRENCY_LEN)
            || !said(DATE, TapState.DATE, Wire.DATE_LEN) || !said(UN, TapState.UN, Wire.UN_LEN)
            || !said(MERCHANT, TapState.MERCHANT, Wire.MERCHANT_LEN)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        byte slot = tap[TapState.SLOT];
        byte[] card = state.card(slot);
        Util.arrayCopyNonAtomic(buffer, (short) 0, tap, TapState.CDOL1, CDOL1_LEN);
        cryptogram(card, (byte) 0, CDOL1_LEN, (short) 0);
        if (p1 == Wire.P1_AAC) {
            element.endTap();
            return Emv.answer(buffer, answer(card, Wire.P1_AAC, (byte) 0));
        }
        short at = answer(card, Wire.P1_ARQC, (byte) 0);
        Util.arrayCopyNonAtomic(ram.work, Transients.MAC, tap, TapState.ARQC,
            Wire.CRYPTOGRAM_LEN);
        element.transcript.identify(card, CardSlot.PAN, Wire.PAN_LEN);
        at = Emv.head(Wire.TAG_TAP_SIGNATURE, Wire.SIGNATURE_LEN, buffer, at);
        Signing signing = element.signing;
        signing.begin(element.keys.get((short) (Keys.CARD + slot)), Wire.SIG_TAP);
        signing.update(tap, TapState.TERMS, (short) (Wire.AMOUNT_LEN + Wire.CURRENCY_LEN));
        signing.update(tap, TapState.DATE, Wire.DATE_LEN);
        signing.update(tap, TapState.UN, (short) (Wire.UN_LEN + Wire.MERCHANT_LEN));
        signing.update(card, CardSlot.ATC, Wire.ATC_LEN);
        signing.update(ram.work, Transients.IDENTITY, Wire.HASH_LEN);
        signing.update(tap, TapState.RELAY, Wire.RELAY_LEN);
        signing.sign(buffer, at);
        tap[TapState.STAGE] = TapState.REQUESTED;
        return Emv.answer(buffer, (short) (at + Wire.SIGNATURE_LEN));
    }

    private boolean said(short off, short tapOff, short len) {
        return Util.arrayCompare(ram.buffer, off, ram.tap, tapOff, len) == 0;
    }

    /** Judges the ARPC, answers a TC or an AAC, and ends the tap. */
    private short second(byte p1) {
        byte[] buffer = ram.buffer;
        byte[] tap = ram.tap;
        byte[] card = state.card(tap[TapState.SLOT]);
        SecureMessaging mac = element.channel;
        mac.setSessionKey(card, CardSlot.MASTER_KEY, card, CardSlot.ATC);
        mac.beginMac();
        mac.updateMac(tap, TapState.ARQC, Wire.CRYPTOGRAM_LEN);
        mac.updateMac(buffer, CSU, CSU_LEN);
        mac.finishMac();
        byte difference = 0;
        for (short i = 0; i < ARPC_LEN; i++) {
            difference |= (byte) (ram.work[(short) (Transients.MAC + i)]
                ^ buffer[(short) (ARPC + i)]);
        }
        boolean right = difference == 0;
        byte cvr = right ? RIGHT : WRONG;
        boolean approved = right && (byte) (buffer[(short) (CSU + 1)] & APPROVES) != 0;
        cryptogram(card, cvr, CDOL1_LEN, CDOL2_LEN);
        byte cid = approved && p1 == Wire.P1_TC ? Wire.P1_TC : Wire.P1_AAC;
        element.endTap();
        return Emv.answer(buffer, answer(card, cid, cvr));
    }

    /** Makes the AC, in {@link Transients#MAC}: CDOL1 data || CDOL2 data || AIP || ATC || IAD. */
    private void cryptogram(byte[] card, byte cvr, short len1, short len2) {
        SecureMessaging mac = element.channel;
        mac.setSessionKey(card, CardSlot.MASTER_KEY, card, CardSlot.ATC);
        mac.beginMac();
        mac.updateMac(ram.tap, TapState.CDOL1, len1);
        mac.updateMac(ram.buffer, (short) 0, len2);
        mac.updateMac(Emv.AIP, (short) 0, (short) Emv.AIP.length);
        mac.updateMac(card, CardSlot.ATC, Wire.ATC_LEN);
        writeIAD(ram.work, Transients.IAD, cvr);
        mac.updateMac(ram.work, Transients.IAD, IAD_LEN);
        mac.finishMac();
    }

    /** Writes 9F27, 9F36, 9F26 and 9F10, and returns where they end. */
    private short answer(byte[] card, byte cid, byte cvr) {
        byte[] out = ram.buffer;
        short at = Emv.head(Emv.CID, (short) 1, out, (short) 0);
        out[at++] = cid;
        at = Emv.put(Emv.ATC, card, CardSlot.ATC, Wire.ATC_LEN, out, at);
        at = Emv.put(Emv.CRYPTOGRAM, ram.work, Transients.MAC, Wire.CRYPTOGRAM_LEN, out, at);
        at = Emv.head(Emv.IAD, IAD_LEN, out, at);
        writeIAD(out, at, cvr);
        return (short) (at + IAD_LEN);
    }

    private static void writeIAD(byte[] out, short at, byte cvr) {
        Util.arrayCopyNonAtomic(IAD, (short) 0, out, at, IAD_LEN);
        out[(short) (at + CVR)] = cvr;
    }
}
