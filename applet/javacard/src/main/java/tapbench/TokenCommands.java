package tapbench;

import javacard.framework.ISOException;
import javacard.framework.Util;
import javacard.security.ECPrivateKey;

/** The commands that make, show and close offline tokens. */
final class TokenCommands {
    private static final byte PHASE_4 = 4;
    private static final short PREFIX_LEN = Wire.PREFIX_LEN;
    /** Where a body's fields lie behind counter and prefix. */
    private static final short FIELDS = (short) (Wire.COUNTER_LEN + PREFIX_LEN);

    /** Where the account's TID lies until the request is signed. */
    private static final short TID = (short) (Wire.BUFFER_LEN - Wire.HASH_LEN);

    static final short NEW_LEN = 2;
    static final short PUT_LEN = (short) (Wire.COUNTER_LEN + 208 + Wire.MAC_LEN);

    private final Element element;
    private final Transients ram;
    private final Persistent state;

    TokenCommands(Element element) {
        this.element = element;
        ram = element.ram;
        state = element.persistent;
    }

    /**
     * TOKEN NEW (80 40, token slot, TID slot): unit [1] || units [1]. TID slot not ACTIVE or its
     * time not known, the token bound to a tap, or still able to pay: 6985. No class, or no number
     * of units: 6A80. What was in the slot is gone, but for the old chain's checkpoints: they stay
     * until the new one's take their places, as all of them don't fit a transaction.
     */
    short make(byte slot, byte account) {
        byte[] token = state.token(slot);
        byte[] tid = state.tid(account);
        byte[] buffer = ram.buffer;
        if (tid[TidSlot.STATE] != Wire.TID_ACTIVE || tid[TidSlot.HAS_TIME] == 0
            || Arming.isBoundTo(state.arming, Wire.ARM_TOKEN, slot) || !isReplaceable(token)) {
            return refuse();
        }
        byte unit = buffer[0];
        byte units = buffer[1];
        if (!Token.isUnit(unit) || units == 0 || (short) (units & 0xFF) > Wire.TOKEN_UNITS) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        short fresh = TokenSlot.CHECKPOINTS; // K_SE, behind the slot's beginning as it will be
        Util.arrayFillNonAtomic(buffer, (short) 0, fresh, (byte) 0);
        buffer[TokenSlot.STATE] = Wire.TOKEN_BUILDING;
        buffer[TokenSlot.TID] = account;
        buffer[TokenSlot.UNIT] = unit;
        buffer[TokenSlot.UNITS] = units;
        element.keys.make(Keys.FIRST, buffer, TokenSlot.KEY);
        element.keys.read(Keys.FIRST, buffer, TokenSlot.PRIVATE);
        boolean isFirst = Persistent.isClear(state.chains, (short) 0, Wire.HASH_LEN);
        if (isFirst) {
            element.random(buffer, fresh, Wire.HASH_LEN);
        } else {
            Util.arrayCopyNonAtomic(state.chains, (short) 0, buffer, fresh, Wire.HASH_LEN);
        }
        element.random(ram.work, Transients.SEED, Wire.HASH_LEN);
        element.chain.last(buffer, fresh);
        state.begin();
        if (isFirst) {
            Util.arrayCopy(buffer, fresh, state.chains, (short) 0, Wire.HASH_LEN);
        }
        state.write(buffer, (short) 0, token, TokenSlot.FIELDS, (short) 0, TokenSlot.CHECKPOINTS);
        state.set(token, TokenSlot.LEFT, units);
        state.set(ram.work, Transients.SEED, token, TokenSlot.VALUE, Wire.HASH_LEN);
        if (!Persistent.isClear(token, TokenSlot.TH, Wire.HASH_LEN)) { // it was asked for
            state.clear(token, TokenSlot.FIELDS, TokenSlot.TH,
                (short) (TokenSlot.LEN - TokenSlot.TH));
        }
        state.commit();
        return 0;
    }

    /** Says whether a token may make room for a new one: nothing can be paid with it. */
    private boolean isReplaceable(byte[] token) {
        byte is = token[TokenSlot.STATE];
        return is != Wire.TOKEN_READY && is != Wire.TOKEN_USED
            || token[Token.end(token)] == token[TokenSlot.UNITS]
            || Token.isExpired(token, state.tid(token[TokenSlot.TID]));
    }

    /**
     * TOKEN CHAIN (80 42, token slot, no data): the next steps of the chain, at most 63. Slot not
     * BUILDING: 6985. Answer: steps left [1]; with 00 the slot is BUILT.
     */
    short chain(byte slot) {
        byte[] token = state.token(slot);
        byte[] buffer = ram.buffer;
        if (token[TokenSlot.STATE] != Wire.TOKEN_BUILDING) {
            return refuse();
        }
        short left = (short) (token[TokenSlot.LEFT] & 0xFF);
        short steps = left < Wire.CHAIN_SLICE ? left : Wire.CHAIN_SLICE;
        short first = Chain.checkpoint((short) ((token[TokenSlot.UNITS] & 0xFF) - left));
        short end = element.chain.extend(token, steps, buffer, (short) 0);
        short kept = (short) (1 + Wire.HASH_LEN); // the checkpoints, behind what is left and w_left
        state.begin();
        if (buffer[0] == 0) {
            token[TokenSlot.STATE] = Wire.TOKEN_BUILT;
        }
        Util.arrayCopy(buffer, kept, token, first, (short) (end - kept));
        Util.arrayCopy(buffer, (short) 0, token, TokenSlot.LEFT, kept);
        state.commit();
        return 1;
    }

    /**
     * TOKEN REQUEST (80 44, token slot, no data). Slot neither BUILT nor REQUESTED, its TID slot
     * not ACTIVE, or no counter left: 6985. Again: the same key and root under the next counter.
     * Answer: counter [4] || sealed [256].
     */
    short request(byte slot) {
        byte[] token = state.token(slot);
        byte[] buffer = ram.buffer;
        byte is = token[TokenSlot.STATE];
        byte account = token[TokenSlot.TID];
        byte[] tid = state.tid(account);
        if (is != Wire.TOKEN_BUILT && is != Wire.TOKEN_REQUESTED
            || tid[TidSlot.STATE] != Wire.TID_ACTIVE) {
            return refuse();
        }
        element.transcript.begin(PHASE_4, Wire.ROLE_TSM, tid, TidSlot.ID);
        element.transcript.identify(tid, TidSlot.SIGN_KEY, (short) (2 * Wire.POINT_LEN));
        Util.arrayCopyNonAtomic(ram.work, Transients.IDENTITY, buffer, TID, Wire.HASH_LEN);
        Transcript.prefix(Wire.MSG_TOKEN_REQUEST, buffer, Wire.COUNTER_LEN);
        short at = Util.arrayCopyNonAtomic(token, TokenSlot.KEY, buffer, FIELDS, Wire.POINT_LEN);
        at = Util.arrayCopyNonAtomic(token, TokenSlot.VALUE, buffer, at, Wire.HASH_LEN);
        buffer[at++] = token[TokenSlot.UNIT];
        sign(element.keys.get((short) (Keys.TID_SIGN + account)), Wire.MSG_TOKEN_ROLL, tid, at);
        at += Wire.SIGNATURE_LEN;
        sign(element.keys.load(token, TokenSlot.PRIVATE), Wire.MSG_TOKEN_POP, tid, at);
        at += Wire.SIGNATURE_LEN;
        short len = element.envelope.send(tid, TidSlot.SENT, TidSlot.TO_TSM, ram.work,
            Transients.TH, (short) (at - Wire.COUNTER_LEN));
        element.transcript.next(buffer, (short) 0, len);
        state.begin();
        state.set(token, TokenSlot.STATE, Wire.TOKEN_REQUESTED);
        Util.arrayCopy(ram.work, Transients.TH, token, TokenSlot.TH, Wire.HASH_LEN);
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.SENT, Wire.COUNTER_LEN);
        state.commit();
        return len;
    }

    /** Signs th_0 || ID_TSM || TID || PK_t || w_0 || unit. */
    private void sign(ECPrivateKey key, byte type, byte[] tid, short to) {
        Signing signing = element.signing;
        signing.begin(key, type);
        signing.update(ram.work, Transients.TH, Wire.HASH_LEN);
        signing.update(tid, TidSlot.ID, Wire.PARTY_ID_LEN);
        signing.update(ram.buffer, TID, Wire.HASH_LEN);
        signing.update(ram.buffer, FIELDS, (short) (Wire.POINT_LEN + Wire.HASH_LEN + 1));
        signing.sign(ram.buffer, to);
    }

    /**
     * TOKEN PUT (80 46, token slot): counter [4] || sealed [224]. Slot not REQUESTED: 6985. Another
     * token than was asked for, a currency that isn't BCD, or an epoch that is over: 6A80. What was
     * paid offline counts from 0 again.
     */
    short put(byte slot, short len) {
        byte[] token = state.token(slot);
        byte[] buffer = ram.buffer;
        if (token[TokenSlot.STATE] != Wire.TOKEN_REQUESTED) {
            return refuse();
        }
        byte[] tid = state.tid(token[TokenSlot.TID]);
        short sig = (short) (FIELDS + Token.FIELDS_LEN);
        element.envelope.receive(Wire.MSG_TOKEN_PUT, tid, TidSlot.RECEIVED, TidSlot.TO_SE, token,
            TokenSlot.TH, len, (short) (sig + Wire.SIGNATURE_LEN - Wire.COUNTER_LEN));
        if (!isAsked(token, tid)) {
            ISOException.throwIt(Wire.SW_WRONG_DATA);
            return 0;
        }
        Signing signing = element.signing;
        signing.begin(tid, TidSlot.SIGN, Wire.SIG_TOKEN);
        signing.update(buffer, FIELDS, Token.FIELDS_LEN);
        signing.check(buffer, sig);
        // Issuer and epoch move up to policy and signature, which lie behind them in the slot.
        short policy = (short) (sig - TokenSlot.SIGNATURE + TokenSlot.POLICY);
        short issuer = (short) (policy - TokenSlot.POLICY + TokenSlot.ISSUER);
        Util.arrayCopyNonAtomic(buffer, (short) (FIELDS + 1), buffer, issuer,
            (short) (policy - issuer));
        state.begin();
        token[TokenSlot.STATE] = Wire.TOKEN_READY;
        state.write(buffer, issuer, token, TokenSlot.FIELDS, TokenSlot.ISSUER,
            (short) (TokenSlot.STATEMENT - TokenSlot.ISSUER));
        Util.arrayCopy(ram.work, Transients.COUNTER, tid, TidSlot.RECEIVED, Wire.COUNTER_LEN);
        state.clear(tid, TidSlot.FIELDS, TidSlot.OFFLINE,
            (short) (TidSlot.LEN - TidSlot.OFFLINE));
        state.commit();
        return 0;
    }

    /** Says whether the token in the buffer is one that was asked for, and good at this time. */
    private boolean isAsked(byte[] token, byte[] tid) {
        byte[] buffer = ram.buffer;
        short issuer = (short) (FIELDS + 1);
        short epoch = (short) (issuer + Wire.PARTY_ID_LEN);
        short unit = (short) (epoch + Wire.EPOCH_LEN);
        short key = (short) (unit + 2);
        short root = (short) (key + Wire.POINT_LEN);
        short currency = (short) (root + Wire.HASH_LEN);
        return buffer[FIELDS] == Token.VERSION
            && Util.arrayCompare(buffer, issuer, tid, TidSlot.ID, Wire.PARTY_ID_LEN) == 0
            && Util.arrayCompare(buffer, unit, token, TokenSlot.UNIT, (short) 2) == 0
            && Util.arrayCompare(buffer, key, token, TokenSlot.KEY, Wire.POINT_LEN) == 0
            && Util.arrayCompare(buffer, root, token, TokenSlot.VALUE, Wire.HASH_LEN) == 0
            && Amount.isBCD(buffer, currency, Wire.CURRENCY_LEN)
            && !Unsigned.isBelow(buffer, epoch, tid, TidSlot.TIME, Wire.EPOCH_LEN);
    }

    /**
     * TOKEN CLOSE (80 48, token slot, no data). Slot neither READY nor USED nor CLOSED, or armed
     * and not CLOSED: 6985. Answer: at [1] || token-close [64]; while the slot is CLOSED the same
     * bytes again.
     */
    short close(byte slot) {
        byte[] token = state.token(slot);
        byte[] buffer = ram.buffer;
        byte is = token[TokenSlot.STATE];
        short at = Token.end(token);
        if (is != Wire.TOKEN_CLOSED) {
            if (is != Wire.TOKEN_READY && is != Wire.TOKEN_USED
                || state.arming[Arming.STATE] != Wire.ARM_NONE) {
                return refuse();
            }
            short end = Token.writeSigned(token, buffer, (short) 0);
            element.transcript.identify(buffer, (short) 0, end); // tokID
            Signing signing = element.signing;
            signing.begin(element.keys.load(token, TokenSlot.PRIVATE), Wire.SIG_TOKEN_CLOSE);
            signing.update(ram.work, Transients.IDENTITY, Wire.HASH_LEN);
            signing.update(token, at, (short) 1);
            signing.sign(buffer, (short) 0);
            state.begin();
            token[TokenSlot.STATE] = Wire.TOKEN_CLOSED;
            Util.arrayCopy(buffer, (short) 0, token, TokenSlot.CLOSING, Wire.SIGNATURE_LEN);
            state.commit();
        }
        buffer[0] = token[at];
        return Util.arrayCopyNonAtomic(token, TokenSlot.CLOSING, buffer, (short) 1,
            Wire.SIGNATURE_LEN);
    }

    /**
     * TOKEN SHOW (80 4C, token slot, no data). Slot neither USED nor CLOSED: 6985. Answer: the
     * token [188] and the last payment [193], for a dispute.
     */
    short show(byte slot) {
        byte[] token = state.token(slot);
        byte[] buffer = ram.buffer;
        byte is = token[TokenSlot.STATE];
        if (is != Wire.TOKEN_USED && is != Wire.TOKEN_CLOSED) {
            return refuse();
        }
        short at = Token.write(token, buffer, (short) 0);
        at = Util.arrayCopyNonAtomic(token, TokenSlot.SIGNATURE, buffer, at, Wire.SIGNATURE_LEN);
        buffer[at++] = token[TokenSlot.KIND];
        at = Util.arrayCopyNonAtomic(token, TokenSlot.FROM, buffer, at, (short) 2); // and to
        buffer[at++] = token[TokenSlot.TICKS];
        return Util.arrayCopyNonAtomic(token, TokenSlot.AMOUNT, buffer, at,
            (short) (TokenSlot.CLOSING - TokenSlot.AMOUNT));
    }

    private static short refuse() {
        ISOException.throwIt(Wire.SW_CONDITIONS_NOT_SATISFIED);
        return 0;
    }
}
