package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The management application's data objects, by their tags, as GET DATA (00 CA) answers them. */
final class DataObjects {
    private static final byte VERSION = 2;
    private static final short CAPABILITY_LEN = 10;

    private final Element element;

    DataObjects(Element element) {
        this.element = element;
    }

    /** Refuses a tag that isn't one of ours, 6A88. */
    static void checkTag(byte p1, byte p2) {
        short tag = Util.makeShort(p1, p2);
        if (tag < Wire.DATA_CAPABILITY || tag > Wire.DATA_TOKENS) {
            ISOException.throwIt(Wire.SW_REFERENCE_NOT_FOUND);
        }
    }

    /** Says whether an interindustry command reads an object that everybody may. */
    static boolean isPublic(byte ins, byte p1, byte p2) {
        short tag = Util.makeShort(p1, p2);
        return ins == Wire.INS_GET_DATA
            && (tag == Wire.DATA_CAPABILITY || tag == Wire.DATA_LIFE_CYCLE);
    }

    /**
     * GET DATA (P1-P2 tag, no data): DF01 capability [10], DF02 life cycle [1], DF03 CERT_SE [158],
     * DF04 status [16], DF05 what unlocks the element [108], DF06 cards [104], DF07 tokens [104].
     * DF03, DF05 to DF07 before personalisation: 6985.
     */
    short get(byte p1, byte p2, byte[] out) {
        byte[] card = element.persistent.card;
        short tag = Util.makeShort(p1, p2);
        if (tag == Wire.DATA_CAPABILITY) {
            return capability(out);
        }
        if (tag == Wire.DATA_LIFE_CYCLE) {
            out[0] = card[CardState.LIFE];
            return 1;
        }
        if (tag == Wire.DATA_STATUS) {
            return status(out);
        }
        if (card[CardState.LIFE] != Wire.LIFE_CYCLE_PERSONALIZED) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        switch (tag) {
            case Wire.DATA_SE_CERTIFICATE:
                return Util.arrayCopyNonAtomic(card, CardState.CERT, out, (short) 0,
                    Wire.CERTIFICATE_LEN);
            case Wire.DATA_LAUNCH:
                return launch(out);
            case Wire.DATA_CARDS:
                return cards(out);
            default:
                return tokens(out);
        }
    }

    private short capability(byte[] out) {
        out[0] = VERSION;
        out[1] = (byte) Wire.BANK_SLOTS;
        out[2] = (byte) Wire.TID_SLOTS;
        out[3] = (byte) Wire.CARD_SLOTS;
        out[4] = (byte) Wire.TOKEN_SLOTS;
        out[5] = (byte) Wire.TAP_TRIES;
        Util.setShort(out, (short) 6, Wire.BUFFER_LEN);
        Util.setShort(out, (short) 8, element.algorithms.present);
        return CAPABILITY_LEN;
    }

    private short status(byte[] out) {
        Persistent state = element.persistent;
        short at = 0;
        out[at++] = state.card[CardState.LIFE];
        out[at++] = state.card[CardState.USER];
        for (short i = 0; i < Wire.BANK_SLOTS; i++) {
            out[at++] = state.bank(i)[BankSlot.STATE];
        }
        for (short i = 0; i < Wire.TID_SLOTS; i++) {
            out[at++] = state.tid(i)[TidSlot.STATE];
        }
        for (short i = 0; i < Wire.CARD_SLOTS; i++) {
            out[at++] = state.card(i)[CardSlot.STATE];
        }
        out[at++] = state.arming[Arming.STATE];
        out[at++] = state.arming[Arming.TRIES];
        return at;
    }

    private short launch(byte[] out) {
        byte[] launch = element.persistent.launch;
        out[0] = (byte) (launch[LaunchState.SOFTWARE] == 0 ? 0 : 1);
        out[1] = element.ram.session[Transients.LAUNCHED];
        out[2] = launch[LaunchState.POLICY];
        short at = Util.arrayCopyNonAtomic(launch, LaunchState.SOFTWARE, out, (short) 3,
            (short) (Wire.SOFTWARE_LEN + Wire.HASH_LEN));
        return Util.arrayCopyNonAtomic(launch, LaunchState.BANK, out, at, Wire.PARTY_ID_LEN);
    }

    private short cards(byte[] out) {
        short at = 0;
        for (short i = 0; i < Wire.CARD_SLOTS; i++) {
            byte[] card = element.persistent.card(i);
            out[at++] = card[CardSlot.KIND];
            at = Util.arrayCopyNonAtomic(card, CardSlot.LIMIT, out, at, Wire.AMOUNT_LEN);
            at = Util.arrayCopyNonAtomic(card, CardSlot.TOTAL, out, at, Wire.AMOUNT_LEN);
        }
        return at;
    }

    private short tokens(byte[] out) {
        short at = 0;
        for (short i = 0; i < Wire.TOKEN_SLOTS; i++) {
            byte[] token = element.persistent.token(i);
            at = Util.arrayCopyNonAtomic(token, TokenSlot.STATE, out, at, (short) 4); // to UNITS
            out[at++] = token[TokenSlot.INDEX];
            out[at++] = token[TokenSlot.TICKS];
            out[at++] = token[TokenSlot.KIND];
            out[at++] = token[TokenSlot.TAPS];
            at = Util.arrayCopyNonAtomic(token, TokenSlot.EPOCH, out, at, Wire.EPOCH_LEN);
            byte signed = isThere(token, TokenSlot.SIGMA);
            out[at++] = (byte) (signed | isThere(token, TokenSlot.RECEIPT) << 1);
        }
        return at;
    }

    /** Says whether a signature was made or came: an r of 0 isn't one (FIPS 186-5, 6.4). */
    private static byte isThere(byte[] token, short off) {
        return (byte) (Persistent.isClear(token, off, Wire.SIGNATURE_LEN) ? 0 : 1);
    }
}
