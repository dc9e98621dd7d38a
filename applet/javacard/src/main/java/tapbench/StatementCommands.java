package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;

/** What a token's key signs and shows of one offline payment, and what comes back of it. */
final class StatementCommands {
    static final short CDOL1_LEN = Wire.UN_LEN;
    private static final short ID_LEN = (short) (Wire.TOKEN_LEN - Wire.SIGNATURE_LEN);

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    StatementCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * GENERATE AC (80 AE, P1 40 or 00): UN [4]. Record 1 wasn't read, a signature was given, or P1
     * 80: 6985. Another UN: 6A80. Answer: 77 { 9F27, 9F36 [, 9F4B signature, DF2A from || to [||
     * w_to]] }. The signature is stored before it is given; 00 ends the tap.
     */
    short generate(byte p1) {
        byte[] out = ram.buffer;
        byte[] tap = ram.tap;
        if (tap[TapState.STAGE] != TapState.RELEASED || p1 == Wire.P1_ARQC) {
            return refuse();
        }
        if (Util.arrayCompare(out, (short) 0, tap, TapState.UN, Wire.UN_LEN) != 0) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        byte[] token = state.token(tap[TapState.SLOT]);
        if (p1 == Wire.P1_AAC) {
            element.endTap();
            return Emv.answer(out, head(token, Wire.P1_AAC));
        }
        if (Persistent.isClear(token, TokenSlot.SIGMA, Wire.SIGNATURE_LEN)) {
            sign(token);
        }
        short at = head(token, Wire.P1_TC);
        at = Emv.put(Emv.DYNAMIC_SIGNATURE, token, TokenSlot.SIGMA, Wire.SIGNATURE_LEN, out, at);
        boolean spends = token[TokenSlot.KIND] == Wire.TOKEN_SPEND;
        at = Emv.head(Wire.TAG_TOKEN_SHOWN, (short) (spends ? 2 + Wire.HASH_LEN : 2), out, at);
        at = Util.arrayCopyNonAtomic(token, TokenSlot.FROM, out, at, (short) 2);
        if (spends) {
            element.chain.value(token, (short) (token[TokenSlot.TO] & 0xFF), out, at);
            at += Wire.HASH_LEN;
        }
        tap[TapState.STAGE] = TapState.REQUESTED;
        return Emv.answer(out, at);
    }

    /** Writes 9F27 and 9F36, the token's payments, and returns where they end. */
    private short head(byte[] token, byte cid) {
        byte[] out = ram.buffer;
        short at = Emv.head(Emv.CID, (short) 1, out, (short) 0);
        out[at++] = cid;
        at = Emv.head(Emv.ATC, Wire.ATC_LEN, out, at);
        return Util.setShort(out, at, (short) (token[TokenSlot.TAPS] & 0xFF));
    }

    /** Signs what the token is bound to, by its kind, and stores that. */
    private void sign(byte[] token) {
        byte[] buffer = ram.buffer;
        Token.writeSigned(token, buffer, (short) 0);
        element.transcript.identify(buffer, (short) 0, ID_LEN);
        boolean spends = token[TokenSlot.KIND] == Wire.TOKEN_SPEND;
        Signing signing = element.signing;
        signing.begin(element.keys.load(token, TokenSlot.PRIVATE),
            spends ? Wire.SIG_SPEND : Wire.SIG_METER);
        signing.update(ram.work, Transients.IDENTITY, Wire.HASH_LEN);
        signing.update(token, TokenSlot.FROM, (short) 2);
        signing.update(token, TokenSlot.MERCHANT, (short) (Wire.MERCHANT_LEN + Wire.HASH_LEN));
        if (spends) {
            signing.update(token, TokenSlot.AMOUNT, Wire.AMOUNT_LEN);
        } else {
            signing.update(token, TokenSlot.UNIT, (short) 1);
        }
        signing.update(token, TokenSlot.CURRENCY, Wire.CURRENCY_LEN);
        signing.update(token, TokenSlot.TIME, (short) (4 + Wire.UN_LEN + Wire.RELAY_LEN));
        signing.sign(buffer, (short) 0);
        state.begin();
        Util.arrayCopy(buffer, (short) 0, token, TokenSlot.SIGMA, Wire.SIGNATURE_LEN);
        state.commit();
    }

    /** Refuses a P2 other than 00, 6A86. */
    static void checkTick(byte p2) {
        if (p2 != 0) {
            ISOException.throwIt(Wire.SW_INCORRECT_P1_P2);
        }
    }

    /**
     * TICK (80 50, P1 k, no data): the next unit of a metering commitment, written before it is
     * shown, or the last one again; else 6985. Answer: w_k [32].
     */
    short tick(byte p1) {
        byte[] tap = ram.tap;
        byte[] token = state.token(tap[TapState.SLOT]);
        short k = (short) (p1 & 0xFF);
        short from = (short) (token[TokenSlot.FROM] & 0xFF);
        short to = (short) (token[TokenSlot.TO] & 0xFF);
        short last = (short) (token[TokenSlot.TICKS] & 0xFF);
        boolean next = k == (short) (last + 1) && k <= to;
        if (tap[TapState.STAGE] != TapState.REQUESTED
            || token[TokenSlot.KIND] != Wire.TOKEN_METER || k <= from || k != last && !next) {
            return refuse();
        }
        element.chain.value(token, k, ram.buffer, (short) 0);
        if (next) {
            state.begin();
            token[TokenSlot.TICKS] = p1;
            state.commit();
        }
        return Wire.HASH_LEN;
    }

    /** Refuses another object than the receipt, 6A88. */
    static void checkTag(byte p1, byte p2) {
        if (Util.makeShort(p1, p2) != Wire.TAG_MERCHANT_RECEIPT) {
            ISOException.throwIt(Wire.SW_REFERENCE_NOT_FOUND);
        }
    }

    /**
     * PUT DATA (80 DA, P1-P2 DF2C): merchant-receipt [64]. No signature was given: 6985. It is
     * stored and not verified. Arming and tap are over.
     */
    short putReceipt() {
        byte[] tap = ram.tap;
        if (tap[TapState.STAGE] != TapState.REQUESTED) {
            return refuse();
        }
        state.begin();
        state.set(ram.buffer, (short) 0, state.token(tap[TapState.SLOT]), TokenSlot.RECEIPT,
            Wire.SIGNATURE_LEN);
        state.disarm();
        state.commit();
        ram.endTap();
        return 0;
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
