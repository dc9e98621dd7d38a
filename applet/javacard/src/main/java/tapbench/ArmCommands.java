package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** The commands with which the wallet lets one tap happen, or none. */
final class ArmCommands {
    static final short DATA_LEN = (short) (Wire.AMOUNT_LEN + Wire.CURRENCY_LEN);

    private final Transients ram;
    private final Persistent state;

    ArmCommands(Element element) {
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * ARM (80 76, P1 conditions): cap [6] || currency [2]. Nothing of that currency may pay: 6985.
     * Cap not BCD, or zero: 6A80. A new arming replaces the old one.
     */
    short arm(byte conditions) {
        byte[] buffer = ram.buffer;
        if (!hasCard(buffer, Wire.AMOUNT_LEN) && !hasToken(buffer, Wire.AMOUNT_LEN, conditions)) {
            ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
            return 0;
        }
        if (!Amount.isBCD(buffer, (short) 0) || Amount.isZero(buffer, (short) 0)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        short fresh = DATA_LEN;
        Util.arrayFillNonAtomic(buffer, fresh, Arming.LEN, (byte) 0);
        buffer[fresh] = Wire.ARM_READY;
        Util.arrayCopyNonAtomic(buffer, (short) 0, buffer, (short) (fresh + Arming.CAP),
            DATA_LEN);
        buffer[(short) (fresh + Arming.CONDITIONS)] = conditions;
        state.begin();
        state.write(buffer, fresh, state.arming, Arming.FIELDS, (short) 0, Arming.LEN);
        state.commit();
        return 0;
    }

    /** Says whether a token of a currency may pay under some conditions. */
    private boolean hasToken(byte[] currency, short off, byte conditions) {
        for (short i = 0; i < Wire.TOKEN_SLOTS; i++) {
            byte[] token = state.token(i);
            if (Util.arrayCompare(token, TokenSlot.CURRENCY, currency, off, Wire.CURRENCY_LEN) == 0
                && Token.pays(token, conditions)
                && !Token.isExpired(token, state.tid(token[TokenSlot.TID]))) {
                return true;
            }
        }
        return false;
    }

    /** Says whether a card of a currency is READY. */
    private boolean hasCard(byte[] currency, short off) {
        for (short i = 0; i < Wire.CARD_SLOTS; i++) {
            byte[] card = state.card(i);
            if (card[CardSlot.STATE] == Wire.CARD_READY && Util.arrayCompare(card,
                CardSlot.CURRENCY, currency, off, Wire.CURRENCY_LEN) == 0) {
                return true;
            }
        }
        return false;
    }

    /** DISARM (80 78, no data): no arming from then on. Without arming it does nothing. */
    short disarm() {
        if (state.arming[Arming.STATE] != Wire.ARM_NONE) {
            state.begin();
            state.disarm();
            state.commit();
        }
        return 0;
    }
}
