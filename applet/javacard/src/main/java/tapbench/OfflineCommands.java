package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The EMV commands of the offline payment application, up to the record. */
final class OfflineCommands {
    private static final short PDOL_DATA_LEN = 65;
    static final short OPTIONS_LEN = (short) (2 + PDOL_DATA_LEN);
    private static final byte RECORDS = 1;

    /** Where PDOL data's fields lie behind 83 41. */
    private static final short AMOUNT = 2;
    private static final short TYPE = (short) (AMOUNT + Wire.AMOUNT_LEN + Wire.CURRENCY_LEN);
    private static final short UN = (short) (TYPE + 1);
    private static final short TIME = (short) (UN + Wire.UN_LEN + Wire.MERCHANT_LEN);
    private static final short CERTIFICATE = (short) (TIME + 4);
    private static final short UNIT = (short) (CERTIFICATE + Wire.HASH_LEN);

    private final Element element;
    private final MerchantProof merchant;
    private final TokenChoice choice;
    private final Transients ram;
    private final Persistent state;

    OfflineCommands(Element element, MerchantProof merchant) {
        this.element = element;
        this.merchant = merchant;
        ram = element.ram;
        state = element.persistent;
        choice = new TokenChoice(ram, state);
    }

    /**
     * GET PROCESSING OPTIONS (80 A8): 83 41 || PDOL data [65]. Not armed, or no token for it: 6985.
     * Answer: 77 { 82, 94 [, DF24] }. Nothing is written. An earlier tap's stage is over.
     */
    short options() {
        byte[] buffer = ram.buffer;
        byte[] tap = ram.tap;
        ram.endTap();
        if (state.arming[Arming.STATE] == Wire.ARM_NONE) {
            return refuse();
        }
        byte unit = buffer[UNIT];
        if (buffer[0] != Emv.COMMAND_TEMPLATE || buffer[1] != PDOL_DATA_LEN
            || !Amount.isBCD(buffer, AMOUNT) || buffer[TYPE] != 0
            || unit != 0 && !Token.isUnit(unit)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Util.arrayCopyNonAtomic(buffer, AMOUNT, tap, TapState.TERMS,
            (short) (Wire.AMOUNT_LEN + Wire.CURRENCY_LEN));
        Util.arrayCopyNonAtomic(buffer, UN, tap, TapState.UN,
            (short) (Wire.UN_LEN + Wire.MERCHANT_LEN));
        Util.arrayCopyNonAtomic(buffer, CERTIFICATE, tap, TapState.CERTIFICATE, Wire.HASH_LEN);
        Util.arrayCopyNonAtomic(buffer, TIME, tap, TapState.TIME, (short) 4);
        tap[TapState.UNIT] = unit;
        short slot = choice.choose();
        if (slot == TokenChoice.NONE) {
            return refuse();
        }
        RelayResistance.draw(element);
        short len = merchant.challenge(buffer, Emv.write(Emv.OFFLINE_OPTIONS, buffer));
        tap[TapState.SLOT] = (byte) slot;
        tap[TapState.STAGE] = TapState.OFFERED;
        return Emv.answer(buffer, len);
    }

    /** Refuses what isn't record 1. */
    static void checkRecord(byte p1, byte p2) {
        Emv.checkRecord(p1, p2, RECORDS);
    }

    /**
     * READ RECORD (00 B2, P1 01, P2 0C, no data): 70 { 8C CDOL1, DF28 token, DF29 from || to, DF2D }. No
     * tap: 6985; the merchant's proof is missing: 6982. The first one gives the units away: they
     * are bound to these terms before the token is shown, and to no others ever after.
     */
    short readRecord() {
        byte[] tap = ram.tap;
        if (tap[TapState.STAGE] == TapState.NONE) {
            return refuse();
        }
        if (merchant.isMissing()) {
            ISOException.throwIt(Wire.SW_SECURITY_STATUS_NOT_SATISFIED);
            return 0;
        }
        byte[] token = state.token(tap[TapState.SLOT]);
        if (tap[TapState.STAGE] == TapState.OFFERED) {
            if (state.arming[Arming.STATE] == Wire.ARM_BOUND) {
                showAgain();
            } else {
                bind(token);
            }
            tap[TapState.STAGE] = TapState.RELEASED;
        }
        byte[] out = ram.buffer;
        short at = Util.arrayCopyNonAtomic(Emv.OFFLINE_CDOL1, (short) 0, out, (short) 0,
            (short) Emv.OFFLINE_CDOL1.length);
        at = Emv.head(Wire.TAG_TOKEN, (short) (Token.FIELDS_LEN + Wire.SIGNATURE_LEN), out, at);
        at = Token.write(token, out, at);
        at = Util.arrayCopyNonAtomic(token, TokenSlot.SIGNATURE, out, at, Wire.SIGNATURE_LEN);
        at = Emv.put(Wire.TAG_TOKEN_INTERVAL, token, TokenSlot.FROM, (short) 2, out, at);
        at = Emv.put(Wire.TAG_RELAY_DATA, token, TokenSlot.RELAY, Wire.RELAY_LEN, out, at);
        return Emv.record(out, at);
    }

    /** Shows the bound token to its payment again. */
    private void showAgain() {
        state.begin();
        state.arming[Arming.TRIES]++;
        state.commit();
    }

    /** Gives a token's next units to a payment. */
    private void bind(byte[] token) {
        byte[] arming = state.arming;
        byte[] tap = ram.tap;
        byte[] tid = state.tid(token[TokenSlot.TID]);
        if (!choice.total(tid)) {
            refuse(); // can't be: the offer looked at it
            return;
        }
        state.begin();
        Util.arrayCopy(ram.work, TokenChoice.TOTAL, tid, TidSlot.OFFLINE, (short) 4);
        state.set(token, TokenSlot.STATE, Wire.TOKEN_USED);
        state.set(token, TokenSlot.KIND,
            tap[TapState.UNIT] == 0 ? Wire.TOKEN_SPEND : Wire.TOKEN_METER);
        token[TokenSlot.INDEX] = tap[TapState.TO];
        state.set(token, TokenSlot.TICKS, tap[TapState.FROM]);
        token[TokenSlot.TAPS]++;
        state.set(token, TokenSlot.FROM, tap[TapState.FROM]);
        state.set(token, TokenSlot.TO, tap[TapState.TO]);
        state.set(tap, TapState.TERMS, token, TokenSlot.AMOUNT, Wire.AMOUNT_LEN);
        state.set(tap, TapState.MERCHANT, token, TokenSlot.MERCHANT, Wire.MERCHANT_LEN);
        state.set(tap, TapState.CERTIFICATE, token, TokenSlot.CERTIFICATE, Wire.HASH_LEN);
        state.set(tap, TapState.TIME, token, TokenSlot.TIME, (short) 4);
        state.set(tap, TapState.UN, token, TokenSlot.UN, Wire.UN_LEN);
        state.set(tap, TapState.RELAY, token, TokenSlot.RELAY, Wire.RELAY_LEN);
        state.clear(token, TokenSlot.FIELDS, TokenSlot.SIGMA, (short) (2 * Wire.SIGNATURE_LEN));
        arming[Arming.STATE] = Wire.ARM_BOUND;
        arming[Arming.TARGET] = Wire.ARM_TOKEN;
        state.set(arming, Arming.SLOT, tap[TapState.SLOT]);
        arming[Arming.TRIES] = 1;
        state.commit();
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
