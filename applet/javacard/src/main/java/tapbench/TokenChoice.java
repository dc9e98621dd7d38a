package tapbench;

import javacard.framework.Util;

/** Which token pays, and with which units: PROTOCOL.md, "Offline payment commands". */
final class TokenChoice {
    /** What {@link #choose} returns where none does. */
    static final short NONE = -1;

    /** An epoch is 7 days: 70 * 72 * 120 seconds. */
    private static final short EPOCH_1 = 70;
    private static final short EPOCH_2 = 72;
    private static final short EPOCH_3 = 120;

    /** Where numbers lie in the work array: the amount, what was paid offline, two times. */
    private static final short NUMBER_LEN = Wire.LIMIT_LEN;
    private static final short AMOUNT = Transients.NUMBERS;
    private static final short SMALL = (short) (AMOUNT + NUMBER_LEN - 2); // the amount as a short
    private static final short WORD = (short) (AMOUNT + NUMBER_LEN - 4);
    static final short TOTAL = (short) (AMOUNT + NUMBER_LEN);
    private static final short NOW = (short) (TOTAL + 4);
    private static final short BOUND = (short) (NOW + NUMBER_LEN);

    private final Transients ram;
    private final Persistent state;

    TokenChoice(Transients ram, Persistent state) {
        this.ram = ram;
        this.state = state;
    }

    /**
     * Returns the slot of the token for the tap: the one that is bound to it already; else a USED
     * one, if the arming lets it; else the one that locks up the least money. Its units are written
     * to the tap. {@link #NONE}: none may pay.
     */
    short choose() {
        byte[] arming = state.arming;
        byte[] tap = ram.tap;
        if (arming[Arming.STATE] == Wire.ARM_BOUND) {
            return bound(arming);
        }
        short amount = readAmount();
        if (amount <= 0
            || Unsigned.isBelow(arming, Arming.CAP, tap, TapState.TERMS, Wire.AMOUNT_LEN)
            || Util.arrayCompare(tap, TapState.CURRENCY, arming, Arming.CURRENCY,
                Wire.CURRENCY_LEN) != 0) {
            return NONE;
        }
        short best = NONE;
        for (short i = 0; i < Wire.TOKEN_SLOTS; i++) {
            byte[] token = state.token(i);
            if (offers(token, amount) && (best == NONE || isBefore(token, state.token(best)))) {
                best = i;
            }
        }
        if (best != NONE) {
            byte[] token = state.token(best);
            tap[TapState.FROM] = token[TokenSlot.INDEX];
            tap[TapState.TO] = (byte) (token[TokenSlot.INDEX] + amount / token[TokenSlot.UNIT]);
        }
        return best;
    }

    /** Returns the slot of the token that is bound to the tap's very terms. */
    private short bound(byte[] arming) {
        byte[] tap = ram.tap;
        if (arming[Arming.TARGET] != Wire.ARM_TOKEN || arming[Arming.TRIES] >= Wire.TAP_TRIES) {
            return NONE;
        }
        byte[] token = state.token(arming[Arming.SLOT]);
        byte unit = token[TokenSlot.KIND] == Wire.TOKEN_METER ? token[TokenSlot.UNIT] : 0;
        boolean again = tap[TapState.UNIT] == unit
            && same(token, TokenSlot.CURRENCY, TapState.CURRENCY, Wire.CURRENCY_LEN)
            && same(token, TokenSlot.AMOUNT, TapState.TERMS, Wire.AMOUNT_LEN)
            && same(token, TokenSlot.MERCHANT, TapState.MERCHANT, TapState.STATED_LEN)
            && same(token, TokenSlot.UN, TapState.UN, Wire.UN_LEN);
        tap[TapState.FROM] = token[TokenSlot.FROM];
        tap[TapState.TO] = token[TokenSlot.TO];
        return again ? arming[Arming.SLOT] : NONE;
    }

    private boolean same(byte[] token, short off, short tapOff, short len) {
        return Util.arrayCompare(token, off, ram.tap, tapOff, len) == 0;
    }

    /** Returns the tap's amount, in the work array too; -1 if it is above what any token holds. */
    private short readAmount() {
        byte[] work = ram.work;
        Amount.toLimit(ram.tap, TapState.TERMS, work, AMOUNT);
        for (short i = AMOUNT; i < SMALL; i++) {
            if (work[i] != 0) {
                return -1;
            }
        }
        short amount = Util.getShort(work, SMALL);
        return amount < 0 ? -1 : amount;
    }

    /** Says whether a token is taken rather than one in a lower slot. */
    private static boolean isBefore(byte[] token, byte[] lower) {
        if (token[TokenSlot.STATE] != lower[TokenSlot.STATE]) {
            return token[TokenSlot.STATE] == Wire.TOKEN_USED;
        }
        return token[TokenSlot.UNIT] < lower[TokenSlot.UNIT];
    }

    /** Says whether a token may pay an amount that is above 0. */
    private boolean offers(byte[] token, short amount) {
        byte[] tap = ram.tap;
        byte unit = token[TokenSlot.UNIT];
        if (token[TokenSlot.STATE] != Wire.TOKEN_READY && !reuses(token)
            || !same(token, TokenSlot.CURRENCY, TapState.CURRENCY, Wire.CURRENCY_LEN)
            || tap[TapState.UNIT] != 0 && tap[TapState.UNIT] != unit
            || (short) (amount % unit) != 0) {
            return false;
        }
        short index = (short) (token[TokenSlot.INDEX] & 0xFF);
        short left = (short) ((token[TokenSlot.UNITS] & 0xFF) - index);
        if ((short) (amount / unit) > left) {
            return false;
        }
        short paid = (short) (index * unit + amount); // at most 250 units of 50
        byte[] tid = state.tid(token[TokenSlot.TID]);
        return isWithin(amount, Util.getShort(token, TokenSlot.PER_TAP))
            && isWithin(paid, Util.getShort(token, TokenSlot.PER_TOKEN))
            && (short) (token[TokenSlot.TAPS] & 0xFF) < (short) (token[TokenSlot.MAX_TAPS] & 0xFF)
            && addTo(tid)
            && !Unsigned.isBelow(token, TokenSlot.OFFLINE, ram.work, TOTAL, (short) 4)
            && liesBetween(tid, token);
    }

    /** Says whether a token that was shown may be shown again: to the same certified merchant. */
    private boolean reuses(byte[] token) {
        return (byte) (state.arming[Arming.CONDITIONS] & Wire.ARM_REUSE) != 0
            && ram.tap[TapState.UNIT] == 0 && token[TokenSlot.STATE] == Wire.TOKEN_USED
            && token[TokenSlot.KIND] == Wire.TOKEN_SPEND
            && same(token, TokenSlot.MERCHANT, TapState.MERCHANT,
                (short) (Wire.MERCHANT_LEN + Wire.HASH_LEN));
    }

    /** Says whether a number isn't above a limit of 16 bits. */
    private static boolean isWithin(short number, short limit) {
        return limit < 0 || number <= limit;
    }

    /**
     * Writes what an account will have paid offline with the tap's amount to {@link #TOTAL}, and
     * says whether it has 4 bytes. The amount is one that {@link #choose} accepted.
     */
    boolean total(byte[] tid) {
        readAmount();
        return addTo(tid);
    }

    private boolean addTo(byte[] tid) {
        byte[] work = ram.work;
        Util.arrayCopyNonAtomic(tid, TidSlot.OFFLINE, work, TOTAL, (short) 4);
        return Unsigned.add(work, TOTAL, work, WORD, (short) 4);
    }

    /**
     * Says whether the terminal's time lies between what the element knows, less a skew, and the
     * end of the token's epoch. It is looked at and forgotten.
     */
    private boolean liesBetween(byte[] tid, byte[] token) {
        byte[] work = ram.work;
        if (tid[TidSlot.HAS_TIME] == 0) {
            return false;
        }
        Util.arrayFillNonAtomic(work, NOW, NUMBER_LEN, (byte) 0);
        short now = (short) (NOW + NUMBER_LEN - 4);
        Util.arrayCopyNonAtomic(ram.tap, TapState.TIME, work, now, (short) 4);
        toSeconds(token, TokenSlot.EPOCH, (short) 1);
        if (!Unsigned.isBelow(work, NOW, work, BOUND, NUMBER_LEN)) {
            return false;
        }
        if (!Unsigned.add(work, now, Wire.CLOCK_SKEW, (short) 0, (short) 4)) {
            work[(short) (now - 1)] = 1;
        }
        toSeconds(tid, TidSlot.TIME, (short) 0);
        return !Unsigned.isBelow(work, NOW, work, BOUND, NUMBER_LEN);
    }

    /** Writes the second in which an epoch begins, or the one that follows by so many. */
    private void toSeconds(byte[] epoch, short off, short later) {
        byte[] work = ram.work;
        Util.arrayFillNonAtomic(work, BOUND, NUMBER_LEN, (byte) 0);
        Util.arrayCopyNonAtomic(epoch, off, work, (short) (BOUND + NUMBER_LEN - Wire.EPOCH_LEN),
            Wire.EPOCH_LEN);
        Unsigned.scale(work, BOUND, NUMBER_LEN, EPOCH_1, (short) (later * EPOCH_1));
        Unsigned.scale(work, BOUND, NUMBER_LEN, EPOCH_2, (short) 0);
        Unsigned.scale(work, BOUND, NUMBER_LEN, EPOCH_3, (short) 0);
    }
}
