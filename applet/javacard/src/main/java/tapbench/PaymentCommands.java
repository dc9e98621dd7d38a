package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The EMV commands of the payment application, up to the records. */
final class PaymentCommands {
    private static final short PDOL_DATA_LEN = 31;
    static final short OPTIONS_LEN = (short) (2 + PDOL_DATA_LEN);

    /** Where PDOL data's fields lie behind 83 1F. */
    private static final short AMOUNT = 2;
    private static final short DATE = (short) (AMOUNT + Wire.AMOUNT_LEN + Wire.CURRENCY_LEN);
    private static final short UN = (short) (DATE + Wire.DATE_LEN + 1);

    private static final byte RECORDS = 3;
    private static final short LAST_ATC = (short) (0xFFFF - Wire.TAP_TRIES);
    private static final byte[] SERVICE_CODE = {0x22, 0x1F}; // and track 2's end

    private final Element element;
    private final MerchantProof merchant;
    private final Transients ram;
    private final Persistent state;

    PaymentCommands(Element element, MerchantProof merchant) {
        this.element = element;
        this.merchant = merchant;
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * GET PROCESSING OPTIONS (80 A8): 83 1F || PDOL data [31]. Not armed, or no card for it: 6985.
     * Answer: 77 { 82, 94 [, DF24] }. Nothing is written. An earlier tap's stage is over.
     */
    short options() {
        byte[] buffer = ram.buffer;
        byte[] tap = ram.tap;
        ram.endTap();
        if (state.arming[Arming.STATE] == Wire.ARM_NONE) {
            return refuse();
        }
        if (buffer[0] != Emv.COMMAND_TEMPLATE || buffer[1] != PDOL_DATA_LEN
            || !Amount.isBCD(buffer, AMOUNT)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Util.arrayCopyNonAtomic(buffer, AMOUNT, tap, TapState.TERMS,
            (short) (Wire.AMOUNT_LEN + Wire.CURRENCY_LEN));
        Util.arrayCopyNonAtomic(buffer, UN, tap, TapState.UN,
            (short) (Wire.UN_LEN + Wire.MERCHANT_LEN));
        Util.arrayCopyNonAtomic(buffer, DATE, tap, TapState.DATE, Wire.DATE_LEN);
        short slot = cardFor();
        if (slot < 0) {
            return refuse();
        }
        RelayResistance.draw(element);
        short len = merchant.challenge(buffer, Emv.write(Emv.OPTIONS, buffer));
        tap[TapState.SLOT] = (byte) slot;
        tap[TapState.STAGE] = TapState.OFFERED;
        return Emv.answer(buffer, len);
    }

    /** Chooses the bound card, or the lowest READY one that fits the terms; -1: none. */
    private short cardFor() {
        byte[] arming = state.arming;
        byte[] tap = ram.tap;
        if (arming[Arming.STATE] == Wire.ARM_BOUND) {
            boolean again = arming[Arming.TARGET] == Wire.ARM_CARD
                && Util.arrayCompare(arming, Arming.TERMS, tap, TapState.TERMS,
                    Arming.TERMS_LEN) == 0 && arming[Arming.TRIES] < Wire.TAP_TRIES;
            return again ? arming[Arming.SLOT] : -1;
        }
        short currency = (short) (TapState.TERMS + Wire.AMOUNT_LEN);
        if (Util.arrayCompare(tap, currency, arming, Arming.CURRENCY, Wire.CURRENCY_LEN) != 0
            || Unsigned.isBelow(arming, Arming.CAP, tap, TapState.TERMS, Wire.AMOUNT_LEN)) {
            return -1;
        }
        for (short i = 0; i < Wire.CARD_SLOTS; i++) {
            if (offers(state.card(i))) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Says whether a card may be shown to the payment. What it was shown to by then is written to
     * {@link Transients#IDENTITY}.
     */
    private boolean offers(byte[] card) {
        byte[] tap = ram.tap;
        byte[] work = ram.work;
        short currency = (short) (TapState.TERMS + Wire.AMOUNT_LEN);
        // The counter is unsigned: above FFFC are FFFD to FFFF alone.
        short atc = Util.getShort(card, CardSlot.ATC);
        if (card[CardSlot.STATE] != Wire.CARD_READY || atc < 0 && atc > LAST_ATC
            || Util.arrayCompare(card, CardSlot.CURRENCY, tap, currency,
                Wire.CURRENCY_LEN) != 0) {
            return false;
        }
        Util.arrayCopyNonAtomic(card, CardSlot.TOTAL, work, Transients.IDENTITY,
            Wire.AMOUNT_LEN);
        return Amount.add(work, Transients.IDENTITY, tap, TapState.TERMS)
            && !Unsigned.isBelow(card, CardSlot.LIMIT, work, Transients.IDENTITY,
                Wire.AMOUNT_LEN);
    }

    /** Refuses what isn't one of the records. */
    static void checkRecord(byte p1, byte p2) {
        Emv.checkRecord(p1, p2, RECORDS);
    }

    /**
     * READ RECORD (00 B2, P1 record, P2 0C, no data). No tap: 6985; the merchant's proof is
     * missing: 6982. The first record that tells of the card spends it, or its limit.
     */
    short readRecord(byte record) {
        byte[] tap = ram.tap;
        if (tap[TapState.STAGE] == TapState.NONE) {
            return refuse();
        }
        if (record == 2) {
            return Emv.write(Emv.RECORD_2, ram.buffer);
        }
        if (merchant.isMissing()) {
            ISOException.throwIt(Wire.SW_SECURITY_STATUS_NOT_SATISFIED);
            return 0;
        }
        byte[] card = state.card(tap[TapState.SLOT]);
        if (tap[TapState.STAGE] == TapState.OFFERED) {
            release(card);
            tap[TapState.STAGE] = TapState.RELEASED;
        }
        return record == 1 ? record1(card) : record3(card);
    }

    /** Shows a card to a payment: for the first time, which counts against its limit, or again. */
    private void release(byte[] card) {
        byte[] arming = state.arming;
        byte[] tap = ram.tap;
        boolean first = arming[Arming.STATE] != Wire.ARM_BOUND;
        if (first && !offers(card)) {
            refuse();
            return;
        }
        Util.setShort(ram.work, Transients.COUNTER,
            (short) (Util.getShort(card, CardSlot.ATC) + 1));
        state.begin();
        if (first && card[CardSlot.KIND] == Wire.CARD_UNTIL_EXPIRY) {
            state.set(ram.work, Transients.IDENTITY, card, CardSlot.TOTAL, Wire.AMOUNT_LEN);
        } else if (first) {
            card[CardSlot.STATE] = Wire.CARD_SPENT;
        }
        Util.arrayCopy(ram.work, Transients.COUNTER, card, CardSlot.ATC, Wire.ATC_LEN);
        state.set(arming, Arming.STATE, Wire.ARM_BOUND);
        state.set(arming, Arming.SLOT, tap[TapState.SLOT]);
        arming[Arming.TRIES]++;
        state.write(tap, TapState.TERMS, arming, Arming.FIELDS, Arming.TERMS, Arming.TERMS_LEN);
        state.commit();
    }

    /** 70 { 57 track 2, 5A PAN, 5F24 expiration, 5F34 sequence number, 9F42 currency }. */
    private short record1(byte[] card) {
        byte[] out = ram.buffer;
        short at = Emv.head(Emv.TRACK_2, (short) 14, out, (short) 0);
        at = Util.arrayCopyNonAtomic(card, CardSlot.PAN, out, at, Wire.PAN_LEN);
        short last = (short) (at - 1);
        out[last] = (byte) ((out[last] & 0xF0) | 0x0D); // the separator, in place of the filler
        at = Util.arrayCopyNonAtomic(card, CardSlot.EXPIRATION, out, at, (short) 2);
        at = Util.arrayCopyNonAtomic(SERVICE_CODE, (short) 0, out, at, (short) 2);
        at = Emv.put(Emv.PAN, card, CardSlot.PAN, Wire.PAN_LEN, out, at);
        at = Emv.put(Emv.EXPIRATION, card, CardSlot.EXPIRATION, Wire.DATE_LEN, out, at);
        at = Emv.head(Emv.SEQUENCE, (short) 1, out, at);
        short sequence = (short) ((card[CardSlot.SEQUENCE] & 0xFF) % 100);
        out[at++] = (byte) (((sequence / 10) << 4) | (sequence % 10));
        at = Emv.put(Emv.CURRENCY, card, CardSlot.CURRENCY, Wire.CURRENCY_LEN, out, at);
        return Emv.record(out, at);
    }

    /** 70 { DF20 PK_V, DF21 class, DF22 vcard }. */
    private short record3(byte[] card) {
        byte[] out = ram.buffer;
        short at = Emv.put(Wire.TAG_CARD_KEY, card, CardSlot.KEY, Wire.POINT_LEN, out, (short) 0);
        at = Emv.put(Wire.TAG_CARD_CLASS, card, CardSlot.CLASS, Wire.CLASS_LEN, out, at);
        at = Emv.put(Wire.TAG_CARD_SIGNATURE, card, CardSlot.SIGNATURE, Wire.SIGNATURE_LEN, out,
            at);
        return Emv.record(out, at);
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
